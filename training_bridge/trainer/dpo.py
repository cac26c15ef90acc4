"""Preference optimisation: rankings by people, and the model's own samples set against the consensus verdict.

Two sources, counted apart: 'ranking' rows come in data/dpo.jsonl; 'judgment' rows are sampled here, one for each prompt of
data/grpo.jsonl on which the model disagrees with itself or with the truth. Chosen is an own sample with the true verdict,
or else the reference; rejected an own sample without it. A reasoning with a wrong verdict is never chosen.
"""

import json
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from relevance.grades import Grade
from relevance.reasoning import Reasoning, parse
from training_bridge.trainer import models, saving
from training_bridge.trainer.chat import as_completion, as_prompt, as_text
from training_bridge.trainer.options import DpoOptions
from training_bridge.trainer.progress import Board, leave_if_asked
from training_bridge.trainer.rewards import is_right
from training_bridge.trainer.rundir import RunConfig, RunDir, RunError
from training_bridge.trainer.scoring import Scorer

_SAMPLED = "dpo_sampled"
Row = dict[str, Any]


def run_dpo(run: RunDir, config: RunConfig, board: Board) -> None:
    """Train on the pairs of both sources and save model/. Raises RunError where there is no pair at all."""
    options: DpoOptions = config.options()
    if config.base_model == models.TINY:
        raise RunError("DPO starts from a trained model: base_model is a path or a hub id")
    model, tokenizer = models.load(config.base_model)
    rows = run.rows("dpo") + _sampled(run, config, options, model, tokenizer, board)
    counts = dict(Counter(str(row.get("source")) for row in rows))
    run.write_json("pairs.json", counts)
    if not rows:
        raise RunError("no preference pairs: data/dpo.jsonl is empty and sampling found none")
    checkpoint = run.last_checkpoint()
    board.update(message=f"preparing {len(rows)} pairs")
    trainer = _make_trainer(run, config, options, model, tokenizer, rows)
    trainer.add_callback(board.callback())
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    leave_if_asked(board)
    board.update(message="saving")
    saving.save_result(run, config, trainer.model, tokenizer, counts)


def choose_pair(row: Row, samples: Sequence[str]) -> Row | None:
    """A preference row from samples for one verifiable prompt, or None where they hold no contrast."""
    grade, dimension = Grade.parse(row["grade"]), str(row.get("dimension") or "")
    right: list[str] = []
    wrong: list[str] = []
    for text in dict.fromkeys(samples):
        read = parse(text.strip())
        good = isinstance(read, Reasoning) and is_right(read, grade, dimension)
        (right if good else wrong).append(text)
    chosen = right[0] if right else row.get("reference")
    if not chosen or not wrong:
        return None
    return {"prompt": row["prompt"], "chosen": chosen, "rejected": wrong[0], "source": "judgment"}


def _sampled(
    run: RunDir, config: RunConfig, options: DpoOptions, model: Any, tokenizer: Any, board: Board
) -> list[Row]:
    """The pairs sampled for this run; written down, so that a resumed run trains on the same ones."""
    path = run.path / "data" / f"{_SAMPLED}.jsonl"
    if path.is_file():
        return run.rows(_SAMPLED)
    rows = run.rows("grpo")
    random.Random(config.seed).shuffle(rows)
    rows = rows[: options.sampled_prompts]
    board.update(message=f"sampling {len(rows)} prompts x {options.samples_per_prompt}")
    found = _sample_pairs(rows, config, options, model, tokenizer)
    rest = path.with_suffix(".part")
    path.parent.mkdir(exist_ok=True)
    rest.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found), "utf-8")
    rest.replace(path)
    return found


def _sample_pairs(
    rows: Sequence[Row], config: RunConfig, options: DpoOptions, model: Any, tokenizer: Any
) -> list[Row]:
    from transformers import set_seed

    set_seed(config.seed)
    scorer = Scorer(model, tokenizer, position=config.verdict_position, batch_size=128)
    texts = [as_text(tokenizer, row["prompt"]) for row in rows]
    groups = scorer.generate(texts, options.max_new_tokens, options.samples_per_prompt, options.temperature)
    pairs = (choose_pair(row, group) for row, group in zip(rows, groups, strict=True))
    return [pair for pair in pairs if pair]


def _make_trainer(
    run: RunDir, config: RunConfig, options: DpoOptions, model: Any, tokenizer: Any, rows: Sequence[Row]
) -> Any:
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer  # type: ignore[attr-defined]

    dataset = Dataset.from_list(
        [
            {
                "prompt": as_prompt(tokenizer, row["prompt"]),
                "chosen": as_completion(tokenizer, row["chosen"]),
                "rejected": as_completion(tokenizer, row["rejected"]),
            }
            for row in rows
        ]
    )
    arguments = DPOConfig(
        **saving.shared_arguments(run, config, options),
        num_train_epochs=options.epochs,
        per_device_train_batch_size=options.batch_size,
        beta=options.beta,
        loss_type=["sigmoid", "sft"] if options.sft_weight else ["sigmoid"],
        loss_weights=[1.0, options.sft_weight] if options.sft_weight else None,
        max_length=None,
        precompute_ref_log_probs=True,
    )
    return DPOTrainer(model=model, args=arguments, train_dataset=dataset, processing_class=tokenizer)
