"""What a campaign over pages came to, for its page and for programs: counted of a small one, of a large one as kept."""

from dataclasses import dataclass, field
from datetime import datetime

from annotation.models import Campaign, QualityFigure, QualityRun
from annotation.selectors.campaigns import LIVE
from annotation.selectors.page_agreement import AGREEMENT, PageAgreement, page_agreement
from annotation.selectors.page_reports import MarksLine, SidesReport, marks_of, sides_report
from annotation.selectors.quality import Report


@dataclass(frozen=True)
class PageOutcome:
    """`sides` of two lists, `marks` of one. `at`: when the figures of a large campaign were worked out; None for a small
    one, and while they are `waiting` for the job."""

    marks: list[MarksLine] = field(default_factory=list)
    sides: SidesReport | None = None
    agreement: PageAgreement | None = None
    at: datetime | None = None
    waiting: bool = False


def page_outcome(campaign: Campaign, *, is_admin: bool) -> PageOutcome:
    """Three queries at most for a campaign of any size. Refused to all where two lists are still compared."""
    kept = _kept(campaign) if campaign.slots_done > LIVE else None
    waiting = kept is not None and not kept.of(AGREEMENT, "overall")
    two = campaign.kind == Campaign.Kind.PAGE_PAIR
    return PageOutcome(
        marks=[] if two or waiting else marks_of(campaign, kept),
        sides=sides_report(campaign, is_admin=is_admin, kept=kept) if two else None,
        agreement=None if waiting else page_agreement(campaign, kept),
        at=kept.run.computed_at if kept and kept.run and not waiting else None,
        waiting=waiting,
    )


def _kept(campaign: Campaign) -> Report:
    run = QualityRun.objects.filter(campaign=campaign).first()
    return Report(run, list(QualityFigure.objects.filter(campaign=campaign).order_by("pk")))
