"""Held-out figures of a model and of what it must beat, on the same pairs: report.json and predictions.parquet."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from relevance.grades import Grade
from relevance.metrics import acc2, acc4, report
from relevance.prompt import reasoned_prompt
from relevance.reasoning import Reasoning, parse
from training_bridge.trainer import baselines, models
from training_bridge.trainer.chat import as_text
from training_bridge.trainer.options import (
    DIRECT,
    MAJORITY,
    NO_RULES,
    OVERLAP,
    REASONED,
    RULES,
    EvaluateOptions,
)
from training_bridge.trainer.progress import Board
from training_bridge.trainer.rewards import is_right
from training_bridge.trainer.rundir import RunConfig, RunDir, RunError
from training_bridge.trainer.scoring import Scored, Scorer

Row = Mapping[str, Any]


def run_evaluate(run: RunDir, config: RunConfig, board: Board) -> None:
    """Measure config.base_model on data/eval.jsonl; baselines are fitted on data/train_pairs.jsonl.

    report.json: {"split", "n", "queries", "subjects": {name: figures}, "sampled": {...} or null}. `figures` is
    relevance.metrics.report; 'rules alone' has abstain_rate and covered besides, where its unparsable share is the former.
    """
    options: EvaluateOptions = config.options()
    rows = [row for row in run.rows("eval") if options.split in ("", row.get("split"))]
    if not rows:
        raise RunError(f"data/eval.jsonl has no rows of split {options.split!r}")
    board.update(message="loading the model")
    model, tokenizer = models.load(config.base_model)
    scorer = Scorer(model, tokenizer, position=config.verdict_position, batch_size=options.batch_size)
    answers = _ask(scorer, rows, options, board)
    answers |= _baselines(run.rows("train_pairs"), rows) if options.baselines else {}
    board.update(message="measuring")
    subjects = {name: measure(rows, found, options.bootstrap, config.seed) for name, found in answers.items()}
    if RULES in subjects:
        subjects[RULES] |= _rules_figures(rows, answers[RULES])
    sampled = _sampled(scorer, rows, options, config, board) if options.sampled_pairs else None
    write_predictions(run, rows, answers)
    queries = len({row["query_id"] for row in rows})
    run.write_json(
        "report.json",
        {
            "split": options.split,
            "n": len(rows),
            "queries": queries,
            "subjects": subjects,
            "sampled": sampled,
        },
    )


def measure(rows: Sequence[Row], answers: Sequence[Scored], bootstrap: int, seed: int) -> dict[str, Any]:
    """Every figure of one subject over `rows`."""
    paired = [
        {
            "query_id": row["query_id"], "truth": Grade.parse(row["grade"]), "predicted": answer.grade,
            "capability": row.get("capability"),
        }
        for row, answer in zip(rows, answers, strict=True)
    ]  # fmt: skip
    return report(paired, bootstrap, seed)


def pass_at(correct: int, samples: int, k: int) -> float:
    """The chance that at least one of k samples drawn without replacement is right."""
    missed = 1.0
    for index in range(k):
        missed *= max(0, samples - correct - index) / (samples - index)
    return 1.0 - missed


def _ask(
    scorer: Scorer, rows: Sequence[Row], options: EvaluateOptions, board: Board
) -> dict[str, list[Scored]]:
    prompts = [row["prompt"] for row in rows]
    bare = [row.get("prompt_no_rules") or row["prompt"] for row in rows]
    asked: dict[str, Callable[[], list[Scored]]] = {
        DIRECT: lambda: scorer.direct(prompts),
        NO_RULES: lambda: scorer.direct(bare),
    }
    if options.reasoned:
        asked[REASONED] = lambda: scorer.reasoned(prompts, options.max_new_tokens)
    answers = {}
    for step, (name, ask) in enumerate(asked.items()):
        board.update(message=f"asking: {name}", step=step, total_steps=len(asked))
        answers[name] = ask()
    return answers


def _baselines(train: Sequence[Row], rows: Sequence[Row]) -> dict[str, list[Scored]]:
    found = {
        MAJORITY: baselines.majority(train, rows),
        OVERLAP: baselines.word_overlap(train, rows),
        RULES: baselines.rules_alone(rows),
    }
    return {name: [Scored((0.0, 0.0, 0.0, 0.0), grade) for grade in grades] for name, grades in found.items()}


def _rules_figures(rows: Sequence[Row], answers: Sequence[Scored]) -> dict[str, Any]:
    """How often the rules abstain, and how right they are where they do not."""
    covered = [(Grade.parse(row["grade"]), a.grade) for row, a in zip(rows, answers, strict=True) if a.grade]
    truth, predicted = [t for t, _ in covered], [p for _, p in covered]
    return {
        "abstain_rate": 1 - len(covered) / len(rows),
        "covered": {"n": len(covered), "acc2": acc2(truth, predicted), "acc4": acc4(truth, predicted)},
    }


def _sampled(
    scorer: Scorer, rows: Sequence[Row], options: EvaluateOptions, config: RunConfig, board: Board
) -> dict[str, Any]:
    """Greedy, sampled pass@1 and pass@k of the generated verdict on the same pairs, side by side."""
    from transformers import set_seed

    kept = sorted(random.Random(config.seed).sample(range(len(rows)), min(options.sampled_pairs, len(rows))))
    held = [rows[index] for index in kept]
    board.update(message=f"sampling {len(held)} pairs x {options.samples}")
    set_seed(config.seed)
    texts = [as_text(scorer.tokenizer, reasoned_prompt(row["prompt"], scorer.position)) for row in held]
    groups = scorer.generate(texts, options.max_new_tokens, options.samples, options.temperature)
    greedy = scorer.generate(texts, options.max_new_tokens)
    right = [sum(_is_right(text, row) for text in group) for row, group in zip(held, groups, strict=True)]
    count = options.samples
    return {
        "n": len(held), "samples": count, "temperature": options.temperature,
        "greedy": _mean([float(_is_right(group[0], row)) for row, group in zip(held, greedy, strict=True)]),
        "pass@1": _mean([pass_at(one, count, 1) for one in right]),
        f"pass@{count}": _mean([pass_at(one, count, count) for one in right]),
    }  # fmt: skip


def _is_right(text: str, row: Row) -> bool:
    read = parse(text.strip())
    return isinstance(read, Reasoning) and is_right(read, Grade.parse(row["grade"]))


def write_predictions(run: RunDir, rows: Sequence[Row], answers: Mapping[str, Sequence[Scored]]) -> None:
    """predictions.parquet: a row for each pair and subject."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(
        [
            {
                "pair": str(row.get("pair") or ""), "query_id": str(row["query_id"]), "subject": subject,
                "truth": row["grade"], "predicted": answer.grade.name if answer.grade else None,
                "dimension": answer.dimension, "reasoning": answer.reasoning,
                **{f"p{level}": answer.probabilities[level - 1] for level in Grade},
            }
            for subject, found in answers.items()
            for row, answer in zip(rows, found, strict=True)
        ]
    )  # fmt: skip
    rest = run.path / ".predictions.parquet"
    pq.write_table(table, rest)
    rest.replace(run.path / "predictions.parquet")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
