"""What an earlier release opened and a later one made needless: nobody is asked to judge again what stands again."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef

from annotation.models import AnnotationTask, Campaign, Judgment, Skip, Slot
from annotation.selectors.judgments import stale_pairs
from annotation.services.campaigns import campaign_close
from annotation.services.notices import notice_campaign
from rules.models import Release
from webapp.common.audit import audit_record
from webapp.common.wording import counted

UNDER_WAY = (Campaign.State.OPEN, Campaign.State.PAUSED)


def needless_withdraw(*, release: Release) -> int:
    """Now that `release` is in force: of campaigns that releases opened, take out the pairs that need not be judged again
    there, for they stand or a newer campaign asks for them. Returns how many. Safe to repeat.

    A campaign in which nothing else waits is closed: whoever holds a subject of it can still answer.
    """
    opened = Campaign.objects.filter(corpus=release.corpus_id, release__isnull=False, state__in=UNDER_WAY)
    withdrawn, asked = 0, set[int]()
    for campaign in opened.select_related("corpus").order_by("-pk"):
        pairs = campaign.annotation_tasks.values("pair_id")
        stale = stale_pairs(campaign.corpus, release).filter(pk__in=pairs).values_list("pk", flat=True)
        needed = set(stale) - asked
        withdrawn += _withdraw(campaign, release, needed)
        asked |= needed
    return withdrawn


def _withdraw(campaign: Campaign, release: Release, needed: Collection[int]) -> int:
    with transaction.atomic():
        dropped = _drop(campaign, needed)
        waiting = campaign.slots.exclude(state=Slot.State.DONE)
        goes_on = waiting.filter(annotation_task__pair__in=needed).exists()
        if not dropped and (goes_on or not waiting.exists()):
            return 0
        facts = {"release": release.number, "subjects": dropped, "goes_on": goes_on}
        audit_record(
            actor=None, corpus=campaign.corpus, action="campaign.withdraw", subject=campaign, data=facts
        )
        if not goes_on:
            campaign_close(campaign=campaign, actor=None)
        _tell(campaign, release, dropped, goes_on)
    return dropped


def _drop(campaign: Campaign, needed: Collection[int]) -> int:
    """Subjects that nobody has answered, holds or passed on go, with their places; one that is being given out stays.

    Tasks are locked before places, as an answer locks them.
    """
    touched = Slot.objects.filter(annotation_task=OuterRef("pk")).exclude(state=Slot.State.OPEN)
    answered = Judgment.objects.filter(slot__annotation_task=OuterRef("pk"))
    skipped = Skip.objects.filter(annotation_task=OuterRef("pk"))
    rows = campaign.annotation_tasks.exclude(pair__in=needed).filter(
        ~Exists(touched), ~Exists(answered), ~Exists(skipped)
    )
    tasks = list(rows.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
    places = Slot.objects.filter(annotation_task__in=tasks)
    wanted = dict(places.values_list("annotation_task").annotate(n=Count("pk")).order_by())
    free = places.filter(state=Slot.State.OPEN).select_for_update(skip_locked=True).order_by("pk")
    held: dict[int, list[int]] = {}
    for pk, task in free.values_list("pk", "annotation_task_id"):
        held.setdefault(task, []).append(pk)
    whole = {task: slots for task, slots in held.items() if len(slots) == wanted[task]}
    slots = [pk for places_of in whole.values() for pk in places_of]
    Slot.objects.filter(pk__in=slots).delete()
    AnnotationTask.objects.filter(pk__in=whole).delete()
    if slots:
        Campaign.objects.filter(pk=campaign.pk).update(slots_total=F("slots_total") - len(slots))
    return len(whole)


def _tell(campaign: Campaign, release: Release, dropped: int, goes_on: bool) -> None:
    out = f"{counted(dropped, 'pair')} of {campaign} need not be judged again there and were taken out."
    text = f"{release} is in force: " + (out if dropped else f"nothing of {campaign} has to be judged again.")
    end = "The others stay." if goes_on else "It is closed; answers under way are still taken."
    notice_campaign(campaign=campaign, kind="stale", text=f"{text} {end}")
