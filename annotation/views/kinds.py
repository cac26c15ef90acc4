"""What differs between the working pages of the kinds of campaign: address, template, what is read, keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.keymap import JUDGING, PAGES, RANKING, SIDES
from annotation.models import Campaign, Slot
from annotation.selectors.lists import lists_for
from annotation.selectors.pages import pages_for
from annotation.selectors.sides import sides_for
from annotation.selectors.subjects import subjects_for
from rules.models import Release


@dataclass(frozen=True)
class Kind:
    """`work` is the name of a URL; `rows` reads the subjects of leased slots, each with `slot` and `previous`."""

    work: str
    template: str
    rows: Callable[[Sequence[Slot], Release], Sequence[Any]]
    place: str


KINDS = {
    Campaign.Kind.PAIR: Kind("campaign_grade", "annotation/_subject.html", subjects_for, JUDGING),
    Campaign.Kind.RANKING: Kind("campaign_rank", "annotation/_list.html", lists_for, RANKING),
    Campaign.Kind.PAGE: Kind("campaign_page", "annotation/_page.html", pages_for, PAGES),
    Campaign.Kind.PAGE_PAIR: Kind("campaign_sides", "annotation/_sides.html", sides_for, SIDES),
}


def kind_of(campaign: Campaign) -> Kind:
    return KINDS[Campaign.Kind(campaign.kind)]
