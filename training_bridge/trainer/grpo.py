"""Group-relative policy optimisation with verifiable rewards: verdict, every step, rules cited.

Leaves out of TRL: vLLM, tools, learned rewards. Groups whose rewards are all equal teach nothing; TRL's logs count them.
"""

from typing import Any

from training_bridge.trainer import models, saving
from training_bridge.trainer.chat import as_prompt
from training_bridge.trainer.options import GrpoOptions
from training_bridge.trainer.progress import Board, leave_if_asked
from training_bridge.trainer.rewards import REWARDS
from training_bridge.trainer.rundir import RunConfig, RunDir, RunError

_COLUMNS = ("grade", "dimension", "steps", "rules")


def run_grpo(run: RunDir, config: RunConfig, board: Board) -> None:
    """Train on data/grpo.jsonl and save model/."""
    options: GrpoOptions = config.options()
    if config.base_model == models.TINY:
        raise RunError("GRPO starts from a trained model: base_model is a path or a hub id")
    rows = run.rows("grpo")
    if not rows:
        raise RunError("data/grpo.jsonl has no rows")
    board.update(message="preparing")
    model, tokenizer = models.load(config.base_model)
    checkpoint = run.last_checkpoint()
    trainer = _make_trainer(run, config, options, model, tokenizer, rows)
    trainer.add_callback(board.callback())
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    leave_if_asked(board)
    board.update(message="saving")
    saving.save_result(run, config, trainer.model, tokenizer, {"prompts": len(rows)})


def _make_trainer(
    run: RunDir,
    config: RunConfig,
    options: GrpoOptions,
    model: Any,
    tokenizer: Any,
    rows: list[dict[str, Any]],
) -> Any:
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer  # type: ignore[attr-defined]

    dataset = Dataset.from_list(
        [
            {"prompt": as_prompt(tokenizer, row["prompt"]), **{name: row[name] for name in _COLUMNS}}
            for row in rows
        ]
    )
    arguments = GRPOConfig(
        **saving.shared_arguments(run, config, options),
        per_device_train_batch_size=options.prompts_per_step * options.generations,
        num_generations=options.generations,
        max_completion_length=options.max_new_tokens,
        temperature=options.temperature,
        beta=options.beta,
        epsilon=options.epsilon,
        epsilon_high=options.epsilon_high,
        entropy_coef=options.entropy,
        loss_type=options.loss,
        scale_rewards="group",
    )
    rewards: list[Any] = list(REWARDS)
    return GRPOTrainer(
        model=model,
        args=arguments,
        reward_funcs=rewards,
        train_dataset=dataset,
        processing_class=tokenizer,
    )
