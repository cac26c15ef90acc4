"""Supervised fine-tuning on rows of synthesised reasonings and direct verdicts.

Leaves out of TRL: packing (slower on a CPU), shuffling (the order is the curriculum: stage by stage, batches of like
length in shuffled order within a stage), and logits where no completion stands.
"""

import inspect
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from training_bridge.trainer import models, saving
from training_bridge.trainer.chat import as_completion, as_prompt
from training_bridge.trainer.options import SftOptions
from training_bridge.trainer.progress import Board, leave_if_asked
from training_bridge.trainer.rundir import RunConfig, RunDir, RunError

CURRICULUM = (("knowledge",), ("visual", "rules", "judged"))
_WINDOW = 8


def run_sft(run: RunDir, config: RunConfig, board: Board) -> None:
    """Train on data/sft.jsonl and save model/. Resumes from the newest whole checkpoint."""
    options: SftOptions = config.options()
    rows = run.rows("sft")
    if not rows:
        raise RunError("data/sft.jsonl has no rows")
    board.update(message="preparing")
    checkpoint = run.last_checkpoint()
    model, tokenizer = _start(config, options, rows, checkpoint)
    ordered = curriculum(
        rows, options.batch_size * options.gradient_accumulation_steps, options.epochs, config.seed
    )
    trainer = _make_trainer(run, config, options, model, tokenizer, ordered)
    trainer.add_callback(board.callback())
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    leave_if_asked(board)
    board.update(message="saving")
    saving.save_result(
        run, config, trainer.model, tokenizer, dict(Counter(str(row.get("stage")) for row in rows))
    )


def curriculum(rows: Sequence[dict[str, Any]], batch: int, epochs: int, seed: int) -> list[dict[str, Any]]:
    """Rows in the order they are trained on: stage after stage; in a stage every epoch shuffled, batches of like length."""
    generator = random.Random(seed)
    known = {stage for group in CURRICULUM for stage in group}
    groups = [*CURRICULUM[:-1], (*CURRICULUM[-1], *sorted({str(row.get("stage")) for row in rows} - known))]
    ordered: list[dict[str, Any]] = []
    for group in groups:
        held = [row for row in rows if str(row.get("stage")) in group]
        for _ in range(epochs):
            ordered += _alike(held, batch, generator)
    return ordered


def _alike(rows: Sequence[dict[str, Any]], batch: int, generator: random.Random) -> list[dict[str, Any]]:
    """Shuffled, then sorted by length inside windows of some batches, then the batches of a window shuffled."""
    shuffled = list(rows)
    generator.shuffle(shuffled)
    window = batch * _WINDOW
    ordered: list[dict[str, Any]] = []
    for start in range(0, len(shuffled), window):
        part = sorted(
            shuffled[start : start + window], key=lambda row: len(row["prompt"]) + len(row["completion"])
        )
        batches = [part[at : at + batch] for at in range(0, len(part), batch)]
        rest = [batches.pop()] if len(batches[-1]) < batch else []
        generator.shuffle(batches)
        ordered += [row for one in (*batches, *rest) for row in one]
    return ordered


def completion_loss(model: Any, inputs: Any, items: Any = None) -> Any:
    """Mean cross-entropy of the completion tokens, or their sum over `items` where a step has several batches.

    The same figure as TRL's own loss, which builds logits for every position of a prompt: three quarters of the time of a
    model whose vocabulary is larger than its layers.
    """
    from torch.nn.functional import cross_entropy

    following = inputs["labels"][:, 1:]  # (B, T-1)
    kept = (
        following.ne(-100).any(dim=0).nonzero().squeeze(1)
    )  # positions before a completion token of any row
    logits = model(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], logits_to_keep=kept
    ).logits.float()  # (B, K, V)
    targets = following[:, kept].flatten()
    total = cross_entropy(logits.flatten(0, 1), targets, ignore_index=-100, reduction="sum")
    return total / (targets.ne(-100).sum().clamp(min=1) if items is None else items)


def _start(config: RunConfig, options: SftOptions, rows: Sequence[dict[str, Any]], checkpoint: Any) -> Any:
    if checkpoint:
        return models.load(str(checkpoint))
    if config.base_model == models.TINY:
        texts = (row["prompt"] + row["completion"] for row in rows)
        return models.make_tiny(texts, options.tiny, config.seed)
    return models.load(config.base_model)


def _make_trainer(
    run: RunDir,
    config: RunConfig,
    options: SftOptions,
    model: Any,
    tokenizer: Any,
    rows: Sequence[dict[str, Any]],
) -> Any:
    from datasets import Dataset
    from trl import SFTConfig  # type: ignore[attr-defined]

    asked = [
        {
            "prompt": as_prompt(tokenizer, row["prompt"]),
            "completion": as_completion(tokenizer, row["completion"]),
        }
        for row in rows
    ]
    arguments = SFTConfig(
        **saving.shared_arguments(run, config, options),
        num_train_epochs=1,
        per_device_train_batch_size=options.batch_size,
        gradient_accumulation_steps=options.gradient_accumulation_steps,
        warmup_steps=options.warmup_steps,
        weight_decay=options.weight_decay,
        max_length=None,
        completion_only_loss=True,
    )
    kind = _trainer_class("logits_to_keep" in inspect.signature(model.forward).parameters)
    return kind(
        model=model, args=arguments, train_dataset=Dataset.from_list(asked), processing_class=tokenizer
    )


def _trainer_class(keeps: bool) -> Any:
    """TRL's trainer, in our order; `keeps` says that the model can leave out logits."""
    from torch.utils.data import SequentialSampler
    from trl import SFTTrainer  # type: ignore[attr-defined]

    class InOrder(SFTTrainer):
        """Rows in the order given, and a loss that reads the vocabulary's logits only where a completion stands."""

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return SequentialSampler(self.train_dataset if train_dataset is None else train_dataset)  # type: ignore[arg-type]

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            if return_outputs or not keeps:
                return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)  # type: ignore[no-untyped-call]
            return completion_loss(model, inputs, num_items_in_batch)

    return InOrder
