"""Truths as the trainer's rows: evaluation, supervised, preference and reward rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from annotation.models import Ranking, Reasoning
from relevance.grades import Grade, Verdict
from relevance.prompt import reasoned_prompt, render_prompt
from relevance.reasoning import Reasoning as Written
from relevance.reasoning import Unparsable, parse, render
from training_bridge.snapshots.truth import Truth
from training_bridge.synthesis.progressive import Judged
from training_bridge.synthesis.rows import grpo_row


def eval_row(truth: Truth, split: str, definitions: Mapping[str, str], position: str) -> dict[str, Any]:
    """One pair as the evaluation and the baselines read it; prompts are bodies without a cue."""
    facts, grade = truth.facts, truth.resolution.grade
    values = [facts.attribute(name) for name in facts.attributes]
    return {
        "pair": str(truth.pair_id),
        "query_id": str(truth.query_id),
        "query": facts.query_text,
        "title": facts.title,
        "text": " ".join([facts.title, *values])[:2000],
        "prompt": render_prompt(facts, truth.lines, definitions, position),
        "prompt_no_rules": render_prompt(facts, (), definitions, position),
        "grade": truth.verdict.grade.name,
        "dimension": truth.verdict.dimension,
        "capability": truth.capability,
        "rules_grade": grade.name if grade else None,
        "overlap_features": None,
        "split": split,
    }


def judged_of(truth: Truth) -> Judged:
    """A settled pair as the synthesis takes it."""
    return Judged(str(truth.pair_id), truth.facts, truth.verdict, truth.lines, truth.taught_as)


def reward_row(truth: Truth, definitions: Mapping[str, str], position: str) -> dict[str, Any]:
    row = grpo_row(
        truth.facts, truth.lines, definitions, truth.verdict, str(truth.pair_id), position=position
    )
    return dict(row)


def preference_rows(
    truth: Truth, rankings: Iterable[Ranking], definitions: Mapping[str, str], position: str
) -> Iterator[dict[str, Any]]:
    """All ordered pairs of each ranking of this pair, ties dropped; a chain with the wrong verdict is never chosen."""
    prompt = reasoned_prompt(render_prompt(truth.facts, truth.lines, definitions, position), position)
    for ranking in rankings:
        tiers = _tiers(ranking)
        texts = _texts({pk for tier in tiers for pk in tier}, ranking.pair_id, position)
        for better, worse in combinations(tiers, 2):
            for chosen in better:
                for rejected in worse:
                    if _may_be_chosen(texts.get(chosen), truth.verdict) and texts.get(rejected):
                        yield {
                            "prompt": prompt,
                            "chosen": "\n" + texts[chosen][1],
                            "rejected": "\n" + texts[rejected][1],
                            "source": "ranking",
                            "pair": str(truth.pair_id),
                        }


def rankings_standing(pair_ids: Sequence[int]) -> dict[int, list[Ranking]]:
    """Rankings of these pairs that were neither superseded nor withdrawn, oldest first."""
    found: dict[int, list[Ranking]] = {}
    rows = Ranking.objects.filter(pair_id__in=pair_ids, superseded_by=None, withdrawn=False).order_by(
        "at", "id"
    )
    for row in rows:
        found.setdefault(row.pair_id, []).append(row)
    return found


def _tiers(ranking: Ranking) -> list[list[int]]:
    """Tiers best first. 'All bad' says only that the correction, where there is one, is better than all of them."""
    tiers = [[int(pk) for pk in tier] for tier in ranking.tiers if tier]
    if ranking.all_bad:
        tiers = [[int(pk) for pk in ranking.shown_order]]
        return [[ranking.correction_id], *tiers] if ranking.correction_id else []
    return [[ranking.correction_id], *tiers] if ranking.correction_id else tiers


Text = tuple[Reasoning, str]


def _texts(ids: Iterable[int], pair_id: int, position: str) -> dict[int, Text]:
    """Reasonings as completions, each checked to read as a reasoning; a rejected one may be anything but empty."""
    rows = Reasoning.objects.filter(pk__in=set(ids), pair_id=pair_id)
    return {row.pk: (row, _text(row, position)) for row in rows}


def _text(row: Reasoning, position: str) -> str:
    read = parse(row.raw)
    if not isinstance(read, Unparsable):
        return render(read, position)
    if row.grade is None or not row.steps:
        return row.raw
    verdict = Verdict(Grade(row.grade), row.dimension)
    return render(Written(row.steps, verdict, tuple(row.rules_cited)), position)


def _may_be_chosen(text: Text | None, truth: Verdict) -> bool:
    """The chain's own verdict is the consensus; a dimension counts where the consensus names one."""
    read = parse(text[1]) if text else None
    if read is None or isinstance(read, Unparsable) or read.verdict is None:
        return False
    named = not truth.dimension or read.verdict.dimension == truth.dimension
    return read.verdict.grade == truth.grade and named
