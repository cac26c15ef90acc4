"""The champion's word on a release before it is published: how far its answers would keep to the new rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.selectors import pair_fields
from relevance.grades import Grade
from rules.engine import Rulebook
from rules.engine.adherence import adherence
from rules.models import PublishCheck, Release
from rules.selectors import release_current, rulebook_for
from training_bridge.models import Evaluation, ModelVersion
from training_bridge.predictions import rows_of_model
from training_bridge.selectors import champion
from webapp.common.errors import Invalid
from webapp.common.jobs import JobContext

CHECK = "champion adherence"
LARGEST_FALL = 0.05


def adherence_check(*, release: Release, ctx: JobContext | None = None) -> PublishCheck | None:
    """Write the release's publish check from the champion's held-out answers; None where no champion stands.

    It warns and never blocks: a model can be trained again, and where people change a rule it has to be.
    """
    model = champion(release.corpus)
    if model is None or release.state == Release.State.PUBLISHED:
        # the champion was taken down since the release asked for its word
        PublishCheck.objects.filter(release=release, name=CHECK, content__has_key="pending").delete()
        return None
    current = release_current(release.corpus)
    answers = _answers(model)
    fields = pair_fields(answers)
    found = _share(answers, fields, rulebook_for(release))
    before = _share(answers, fields, rulebook_for(current)) if current else {"pairs": 0, "share": None}
    values = _said(model, found, before, current)
    if ctx is not None:
        ctx.heartbeat()
    row, _ = PublishCheck.objects.update_or_create(release=release, name=CHECK, defaults=values)
    return row


def _answers(model: ModelVersion) -> dict[int, Grade | None]:
    """pair id -> the model's answer on the held-out pairs of its newest evaluation; {} where it has none."""
    evaluation = (
        Evaluation.objects.filter(model_version=model, mode=model.serving_mode)
        .exclude(predictions=None)
        .select_related("snapshot")
        .order_by("-id")
        .first()
    )
    if evaluation is None:
        return {}
    try:
        rows = rows_of_model(model, evaluation.snapshot)
    except Invalid:
        return {}
    return {int(row["pair"]): row["predicted"] for row in rows}


def _share(
    answers: Mapping[int, Grade | None],
    fields: Mapping[int, tuple[dict[str, Any], dict[str, Any]]],
    rulebook: Rulebook,
) -> dict[str, Any]:
    verdicts = [
        (answers[pair], rulebook.evaluate(query, item, trace=False)) for pair, (query, item) in fields.items()
    ]
    found = adherence(verdicts)
    return {"pairs": found.pairs, "share": found.share, "outside": _outside(list(fields), verdicts)}


def _outside(pairs: Sequence[int], verdicts: Sequence[tuple[Grade | None, Any]], most: int = 20) -> list[int]:
    """The first pairs whose answer lies outside what the rules allow: to be looked at."""
    kept = zip(pairs, verdicts, strict=True)
    return [pair for pair, (grade, said) in kept if said.firings and grade not in said.allowed][:most]


def _said(
    model: ModelVersion, found: Mapping[str, Any], before: Mapping[str, Any], current: Release | None
) -> dict[str, Any]:
    content = {"model": model.number, "after": dict(found), "before": dict(before)}
    if found["share"] is None:
        message = (
            f"No rule of this release fires on a held-out pair that model {model.number} was measured on."
        )
        return {"ok": True, "blocking": False, "message": message, "content": content}
    message = f"Champion {model.number} keeps to these rules on {found['share']:.1%} of {found['pairs']} held-out pairs"
    fall = 0.0
    if current and before["share"] is not None:
        message += f"; to release {current.number} on {before['share']:.1%} of {before['pairs']}"
        fall = before["share"] - found["share"]
    ending = ": train it again after publishing." if fall > LARGEST_FALL else "."
    return {"ok": fall <= LARGEST_FALL, "blocking": False, "message": message + ending, "content": content}
