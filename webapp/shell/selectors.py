"""What a person should do next, from what every room knows."""

from dataclasses import dataclass

from django.urls import reverse

from annotation.models import Campaign
from annotation.selectors.disputes import disputes
from catalog.models import SettledVerdict
from rules.models import Release
from training_bridge.models import Alias, Turn
from webapp.common.models import Corpus, Role, User


@dataclass(frozen=True)
class Step:
    """One thing to do: a sentence, where it is done, and how much of it waits (None where that says nothing)."""

    title: str
    detail: str
    url: str
    waiting: int | None = None
    primary: bool = False


def memberships_by_corpus(user: User) -> dict[Corpus, list[str]]:
    found: dict[Corpus, list[str]] = {}
    for row in user.memberships.select_related("corpus").order_by("corpus__name", "role"):
        found.setdefault(row.corpus, []).append(row.get_role_display())
    return found


def home_steps(corpus: Corpus, user: User, roles: frozenset[str]) -> list[Step]:
    """Steps for this person's roles, the most urgent first."""
    steps: list[Step] = []
    if Role.ANNOTATOR in roles or Role.REVIEWER in roles:
        steps += _annotator_steps(corpus)
    if Role.REVIEWER in roles:
        steps += _reviewer_steps(corpus)
    if Role.EDITOR in roles:
        steps += _editor_steps(corpus)
    if Role.EDITOR in roles or Role.REVIEWER in roles:
        steps.append(_release_step(corpus))
    if Role.ADMIN in roles:
        steps += _admin_steps(corpus)
    return steps


def _url_step(
    title: str, detail: str, name: str, corpus: Corpus, waiting: int | None = None, primary: bool = False
) -> Step:
    return Step(title, detail, reverse(name, args=[corpus.slug]), waiting, primary)


def _annotator_steps(corpus: Corpus) -> list[Step]:
    campaigns = Campaign.objects.filter(corpus=corpus, state=Campaign.State.OPEN)
    waiting = sum(row.slots_total - row.slots_done for row in campaigns)
    detail = (
        f"{len(campaigns)} open campaign{'' if len(campaigns) == 1 else 's'}"
        if waiting
        else "No open campaign has work left: a reviewer can open one"
    )
    return [_url_step("Judge and rank", detail, "annotation:annotation_home", corpus, waiting, bool(waiting))]


def _reviewer_steps(corpus: Corpus) -> list[Step]:
    waiting = disputes(corpus).order_by().values("pk").count()
    detail = "Pairs on which people differ" if waiting else "People agree wherever all answers are in"
    return [_url_step("Settle disagreements", detail, "annotation:adjudication_list", corpus, waiting)]


def _release_step(corpus: Corpus) -> Step:
    waiting = Release.objects.filter(corpus=corpus, state=Release.State.IN_REVIEW).count()
    detail = "Review, sign off, publish, roll back"
    return _url_step("Releases", detail, "rules:release_list", corpus, waiting, bool(waiting))


def _editor_steps(corpus: Corpus) -> list[Step]:
    writing = "The rulebook and where each rule fires"
    said = "Flags, and answers against the rules"
    return [
        _url_step("Write and test rules", writing, "rules:rule_list", corpus),
        _url_step("What people say of the rules", said, "annotation:triage_list", corpus),
    ]


def _admin_steps(corpus: Corpus) -> list[Step]:
    champion = Alias.objects.filter(corpus=corpus, name="champion").select_related("model_version").first()
    turn = Turn.objects.filter(corpus=corpus).select_related("job").order_by("-id").first()
    standing = f"Champion: {champion.model_version}" if champion else "No model yet: start the first turn"
    if turn and not turn.job.is_finished:
        standing = f"A turn is running: {turn.job.progress_note or 'waiting for a worker'}"
    steps = [
        _url_step("Train and promote", standing, "training:training_home", corpus, primary=champion is None)
    ]
    if not SettledVerdict.objects.filter(pair__corpus=corpus).exists():
        steps.insert(
            0,
            _url_step(
                "Import data",
                "This corpus has no judged pairs yet",
                "catalog:import_create",
                corpus,
                primary=True,
            ),
        )
    steps.append(_url_step("People", "Invite, roles, closed accounts", "common:people_list", corpus))
    return steps
