"""What a release does to the answers that are there: judged again after it, and counted before it."""

from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from annotation.models import Campaign, Gold, QualitySettings
from annotation.selectors.contradictions import contradicted
from annotation.selectors.judgments import effective_judgments, stale_pairs
from annotation.services.campaigns import campaign_create, campaign_open
from annotation.services.needless import needless_withdraw
from annotation.services.notices import notice_campaign, notice_reviewers
from catalog.models import Pair
from rules.models import Publication, PublishCheck, Release, VerdictChange
from rules.selectors import level_definitions, release_current
from webapp.common.models import Corpus
from webapp.common.wording import counted

CHECK = "judgments contradicted"
GOLD_SHARE = 0.0  # a release that contradicts any gold pair is not ok; it warns, it does not block
SHOWN = 20


def stale_settings(corpus: Corpus) -> tuple[bool, int]:
    """(does a release open a campaign by itself here, over at most how many pairs)."""
    row = QualitySettings.objects.filter(corpus=corpus).first() or QualitySettings(corpus=corpus)
    return row.stale_campaigns, row.stale_most


def stale_take_up(*, publication: Publication) -> Campaign | None:
    """After a release came into force, for the first time or again: a small campaign, or where the corpus wants none
    a word to the reviewers. Once a publication. What earlier releases asked for and needs no judgment now is withdrawn.
    """
    wanted, most = stale_settings(publication.corpus)
    made = stale_campaign_open(publication=publication, most=most) if wanted else None
    if not wanted:
        _reviewers_tell(publication)
    needless_withdraw(release=release_current(publication.corpus) or publication.release)
    return made


def _reviewers_tell(publication: Publication) -> None:
    pairs = _overturned_by(publication).count()
    if pairs:
        url = reverse("annotation:campaign_create", args=[publication.corpus.slug]) + "?which=stale"
        notice_reviewers(
            corpus=publication.corpus, kind="stale", url=url,
            text=f"{publication.release} overturned people's answers on {counted(pairs, 'pair')}: open a campaign to "
            "judge again.",
        )  # fmt: skip


def stale_campaign_open(*, publication: Publication, most: int = 500) -> Campaign | None:
    """A small campaign over what a publication overturned, gold first; None where it overturned nothing. Once a
    publication: a release that comes back may overturn what was judged meanwhile.
    """
    corpus, release, mark = publication.corpus, publication.release, {"publication": publication.pk}
    if Campaign.objects.filter(corpus=corpus, release=release, choice__contains=mark).exists():
        return None
    gold = Exists(Gold.objects.filter(pair=OuterRef("pk")))
    rows = _overturned_by(publication).annotate(gold_pair=gold)
    pairs = list(rows.order_by("-gold_pair", "pk").values_list("pk", flat=True)[:most])
    if not pairs:
        return None
    with transaction.atomic():
        campaign = campaign_create(
            corpus=corpus, name=_name_free(corpus, f"After {release}"), actor=None, pairs=pairs, priority=1,
            release=release, choice={"which": "stale", **mark},
        )  # fmt: skip
        _gold_first(campaign)
        _tell(release, campaign, len(pairs))
        return campaign_open(campaign=campaign, actor=None)


def _tell(release: Release, campaign: Campaign, pairs: int) -> None:
    """Whoever reviews here hears of a campaign that nobody made."""
    text = (
        f"{release} overturned people's answers: {campaign} is open, to judge {counted(pairs, 'pair')} again."
    )
    notice_campaign(campaign=campaign, kind="stale", text=text)


def _overturned_by(publication: Publication) -> QuerySet[Pair]:
    """Pairs to be judged again now that this publication touched: it changed their verdict, or the words of the levels.
    Where another release has come into force since, that one's word counts.
    """
    now = release_current(publication.corpus) or publication.release
    stale = stale_pairs(publication.corpus, now)
    earlier = Publication.objects.filter(corpus=publication.corpus, pk__lt=publication.pk)
    before = earlier.select_related("release").order_by("-pk").first()
    if before and level_definitions(before.release) != level_definitions(publication.release):
        return stale
    return stale.filter(pk__in=VerdictChange.objects.filter(publication=publication).values("pair"))


def _name_free(corpus: Corpus, name: str) -> str:
    """The name, or with a number behind it where somebody has taken it."""
    taken = set(Campaign.objects.filter(corpus=corpus, name__startswith=name).values_list("name", flat=True))
    return next(
        tried
        for at in range(1, len(taken) + 2)
        if (tried := name if at == 1 else f"{name} ({at})") not in taken
    )


def _gold_first(campaign: Campaign) -> None:
    gold = campaign.annotation_tasks.filter(pair__gold__isnull=False)
    campaign.slots.filter(annotation_task__in=gold).update(priority=campaign.priority + 1)
    gold.update(priority=campaign.priority + 1)


def contradictions_check(*, release: Release) -> PublishCheck | None:
    """Write how many standing judgments a release in review would contradict: by grade, rule and person, gold first.

    It warns where gold is contradicted and never blocks: a rule may be right against people. None once it is published.
    """
    if release.state == Release.State.PUBLISHED:
        return None
    found = contradicted(release)
    gold = [row for row in found.pairs if row.gold]
    first = [*gold, *(row for row in found.pairs if not row.gold)][:SHOWN]
    content: dict[str, Any] = {
        "judgments": found.judgments, "of": found.looked_at, "pairs": len(found.pairs), "gold": len(gold),
        "grades": _counted(found.grades), "rules": _counted(found.rules), "people": _counted(found.people),
        "first": [{"pair": row.pair, "gold": row.gold, "after": row.after, "answers": row.answers} for row in first],
    }  # fmt: skip
    values = {"ok": not gold, "blocking": False, "message": _said(found.judgments, found.looked_at, gold, content),
              "content": content}  # fmt: skip
    if outdated := _under_other_words(release):
        values["message"] = (
            f"{values['message']} The definitions of the levels change: all {outdated} standing judgments become stale."
        )[:300]
    row, _ = PublishCheck.objects.update_or_create(release=release, name=CHECK, defaults=values)
    return row


def _under_other_words(release: Release) -> int:
    """Standing judgments under definitions of the levels that this release rewords; 0 where it rewords none."""
    current = release_current(release.corpus)
    if current is None or current.external or current.level_definitions == release.level_definitions:
        return 0
    return effective_judgments(release.corpus).filter(release__external=False).count()


def _counted(counts: Counter[str]) -> list[list[Any]]:
    return [[name, n] for name, n in counts.most_common(30)]


def _said(judgments: int, looked_at: int, gold: list[Any], content: dict[str, Any]) -> str:
    if not judgments:
        return f"No standing judgment of {looked_at} contradicts the verdicts of this release."
    said = (
        f"{judgments} of {looked_at} standing judgments on {content['pairs']} pairs contradict what changes"
    )
    most = f"; most under {content['rules'][0][0]}" if content["rules"] else ""
    return f"{said}{most}" + (f"; {len(gold)} of the pairs are gold." if gold else "; none is gold.")
