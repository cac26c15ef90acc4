"""The model registry: register what a run made, gate it, promote it, roll it back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from relevance.reasoning import TEMPLATE_VERSION
from training_bridge.errors import GateNotPassed
from training_bridge.figures.gate import Thresholds, gate_decide
from training_bridge.models import Alias, Gate, ModelVersion, Promotion, Snapshot, TrainingJob
from training_bridge.predictions import rows_of_baseline, rows_of_model
from training_bridge.selectors import CHALLENGER, CHAMPION, alias_of, champion, gate_latest
from training_bridge.store import model_store
from training_bridge.trainer.options import MAJORITY
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.events import event_publish
from webapp.common.models import Corpus, User


def model_register(*, training_job: TrainingJob, folder: Path, card: Mapping[str, Any]) -> ModelVersion:
    """A trained model's files into the store and its row into the registry; the same run registers once."""
    content_hash, place = model_store(folder)
    with transaction.atomic():
        corpus = Corpus.objects.select_for_update().get(pk=training_job.corpus_id)
        known = training_job.model_versions.first()
        if known is not None:
            return known
        newest = corpus.model_versions.aggregate(newest=Max("number"))["newest"] or 0
        model = ModelVersion.objects.create(
            corpus=corpus,
            number=newest + 1,
            name=training_job.method.upper(),
            training_job=training_job,
            parent=training_job.parent,
            release=training_job.snapshot.release,
            uri=str(place),
            content_hash=content_hash,
            verdict_position=training_job.config.get("verdict_position", "last"),
            template_version=training_job.config.get("template_version", TEMPLATE_VERSION),
            card=dict(card),
        )
        _point(model, CHALLENGER)
        audit_record(
            actor=training_job.created_by, corpus=model.corpus, action="model.register", subject=model,
            data={"content_hash": content_hash, "training_job": training_job.pk},
        )  # fmt: skip
    return model


def gate_evaluate(
    *, challenger: ModelVersion, snapshot: Snapshot, actor: User | None, thresholds: Thresholds | None = None
) -> Gate:
    """Measure a challenger against the champion on the held-out pairs of one snapshot; the outcome is kept for good.

    Raises Invalid where one of them was not evaluated on that snapshot.
    """
    standing = champion(challenger.corpus)
    against = standing if standing is not None and standing.pk != challenger.pk else None
    limits = thresholds or Thresholds()
    outcome = gate_decide(
        limits,
        rows_of_model(challenger, snapshot),
        rows_of_baseline(snapshot, MAJORITY),
        rows_of_model(against, snapshot) if against else None,
    )
    with transaction.atomic():
        gate = Gate.objects.create(
            corpus=challenger.corpus, snapshot=snapshot, challenger=challenger, champion=against,
            thresholds=vars(limits), outcome=outcome.as_json(), passed=outcome.passed,
        )  # fmt: skip
        audit_record(
            actor=actor,
            corpus=challenger.corpus,
            action="gate.evaluate",
            subject=gate,
            data={"passed": gate.passed},
        )
    return gate


@transaction.atomic
def model_promote(
    *, model: ModelVersion, actor: User | None, reason: str = "", override_reason: str = ""
) -> Promotion:
    """Make a model the champion. Raises GateNotPassed without a gate passed against today's, or a reason to override."""
    Corpus.objects.select_for_update().get(pk=model.corpus_id)
    standing = champion(model.corpus)
    if standing is not None and standing.pk == model.pk:
        raise Conflict(f"{model} is the champion already.", code="already_champion")
    gate = gate_latest(model)
    if not override_reason.strip() and not _opens(gate, standing):
        raise GateNotPassed(_why_shut(model, gate))
    return _go_live(Promotion.Kind.PROMOTE, model, standing, gate, actor, reason, override_reason.strip())


@transaction.atomic
def model_rollback(*, corpus: Corpus, actor: User | None, reason: str) -> Promotion:
    """Make the model before today's champion the champion again; a new row, nothing is rewritten."""
    if not reason.strip():
        raise Invalid("Say why the champion is rolled back.", code="reason")
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    standing = champion(corpus)
    last = Promotion.objects.filter(corpus=corpus, model_version=standing).order_by("-id").first()
    before = _before(last)
    if standing is None or before is None:
        raise Conflict("There is no earlier champion to go back to.", code="no_earlier_champion")
    return _go_live(Promotion.Kind.ROLLBACK, before, standing, None, actor, reason.strip(), "")


def _before(last: Promotion | None) -> ModelVersion | None:
    """What stood when this champion was first promoted: a rollback's own 'previous' is what was rolled back from."""
    if last is None:
        return None
    if last.kind == Promotion.Kind.PROMOTE:
        return last.previous
    first = Promotion.objects.filter(
        corpus=last.corpus_id, model_version=last.model_version_id, kind=Promotion.Kind.PROMOTE
    )
    found = first.select_related("previous").order_by("-id").first()
    return found.previous if found else None


def _opens(gate: Gate | None, standing: ModelVersion | None) -> bool:
    """A passed gate counts while the champion it was measured against still stands."""
    return gate is not None and gate.passed and gate.champion_id == (standing.pk if standing else None)


def _why_shut(model: ModelVersion, gate: Gate | None) -> str:
    if gate is None:
        return f"{model} has not been measured against the champion yet. Run its gate, or override with a reason."
    if gate.passed:
        return (
            f"{model} passed its gate against another champion than today's. Run its gate again, or override."
        )
    failed = [row["name"] for row in gate.outcome.get("conditions", ()) if not row["holds"]]
    return f"{model} did not pass its gate ({'; '.join(failed)}). Override with a reason if it should go live all the same."


def _go_live(
    kind: Promotion.Kind,
    model: ModelVersion,
    standing: ModelVersion | None,
    gate: Gate | None,
    actor: User | None,
    reason: str,
    override_reason: str,
) -> Promotion:
    promotion = Promotion.objects.create(
        corpus=model.corpus, kind=kind, model_version=model, previous=standing, gate=gate, actor=actor,
        reason=reason[:500], override_reason=override_reason[:500],
    )  # fmt: skip
    _point(model, CHAMPION)
    if (other := alias_of(model.corpus, CHALLENGER)) is not None and other.pk == model.pk:
        Alias.objects.filter(corpus=model.corpus, name=CHALLENGER).delete()
    facts = {"model": model.number, "previous": standing.number if standing else None, "kind": str(kind)}
    event_publish(corpus=model.corpus, kind="model.promoted", payload={**facts, "model_id": model.pk})
    audit_record(
        actor=actor, corpus=model.corpus, action=f"model.{kind}", subject=model,
        data={**facts, "reason": reason, "override_reason": override_reason},
    )  # fmt: skip
    return promotion


def _point(model: ModelVersion, name: str) -> None:
    Alias.objects.update_or_create(corpus=model.corpus, name=name, defaults={"model_version": model})
