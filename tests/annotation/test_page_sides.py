"""Two pages side by side: drawn apart for each person, told to nobody, and named once the campaign has ended."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from annotation import services
from annotation.models import Campaign, PagePreference
from annotation.selectors.page_reports import sides_report
from annotation.selectors.sides import left_page, sides_for
from annotation.services.sides import preference_submit, preference_undo
from catalog.models import Page
from webapp.common.errors import Invalid, Refused

from .test_page_answers import lists

__all__ = ["lists"]


pytestmark = pytest.mark.django_db


def chosen(lists: SimpleNamespace, campaign: Campaign, person: Any, source: str) -> PagePreference:
    """She finds the list of `source` the better one, wherever it stands for her."""
    slot = services.slot_lease(campaign=campaign, person=person)
    assert slot is not None
    left = Page.objects.get(pk=left_page(slot.annotation_task, person.pk))
    return preference_submit(
        key=uuid.uuid4(),
        slot=slot,
        person=person,
        release=lists.release,
        left_by=1 if left.name == source else -1,
    )


def test_sides_are_drawn_per_person_and_recorded(lists: SimpleNamespace) -> None:
    campaign = lists.sides(redundancy=2)
    assert campaign.slots_total == 4 and campaign.list_settings.identical == 1
    rows = [chosen(lists, campaign, lists.people.annotator, "new") for _ in range(2)]
    for row in rows:
        better = row.page if row.preference == 1 else row.other_page
        assert better.name == "new" and row.left_page_id in (row.page_id, row.other_page_id)
    task = campaign.annotation_tasks.first()
    assert task is not None
    assert len({left_page(task, person) for person in range(40)}) == 2


def test_the_result_waits_for_the_end_and_names_go_to_admins(lists: SimpleNamespace) -> None:
    campaign = lists.sides()
    for _ in range(2):
        chosen(lists, campaign, lists.people.annotator, "new")
    with pytest.raises(Refused):
        sides_report(campaign, is_admin=True)
    services.campaign_close(campaign=campaign, actor=lists.people.admin)
    report = sides_report(campaign, is_admin=True)
    assert report.names == ("old", "new") and report.lines[0].worse == 2 and report.lines[0].rate == 0.0
    blind = sides_report(campaign, is_admin=False)
    assert blind.names == ("List A", "List B") and {blind.lines[0].rate} <= {0.0, 1.0}


def test_a_choice_can_be_taken_back_and_comes_as_it_was_seen(lists: SimpleNamespace) -> None:
    campaign, person = lists.sides(), lists.people.annotator
    row = chosen(lists, campaign, person, "old")
    preference_undo(campaign=campaign, person=person)
    slot = services.slots_hold(campaign=campaign, person=person, want=1)[0]
    subject = sides_for([slot], lists.release)[0]
    assert slot.pk == row.slot_id and subject.previous is not None
    seen = row.preference if row.left_page_id == row.page_id else -(row.preference or 0)
    assert subject.previous.left_by == seen
    campaign.refresh_from_db()
    assert campaign.slots_done == 0
    with pytest.raises(Invalid, match="which list is better"):
        preference_submit(key=uuid.uuid4(), slot=slot, person=person, release=lists.release, left_by=2)


def test_differences_between_the_lists_are_told(lists: SimpleNamespace) -> None:
    campaign = lists.sides()
    slot = services.slot_lease(campaign=campaign, person=lists.people.annotator)
    assert slot is not None
    subject = sides_for([slot], lists.release)[0]
    assert [item.move for item in subject.left] == [3, 1, -1, -3]
