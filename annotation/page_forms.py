"""What the pages about lists send: verdicts on a page, a choice between two, a campaign over either or over reasonings."""

import uuid
from typing import Any

from django import forms
from django.http import QueryDict

from annotation.campaign_forms import CampaignForm
from annotation.forms import AnswerForm, PercentField, checked
from annotation.models import Campaign, ListSettings, PageVerdict
from annotation.selectors.page_sources import PageChoice, page_sources
from annotation.services.page_campaigns import Asking
from annotation.services.pages import ItemGrade
from catalog.models import Stratum
from catalog.rankers import RANKERS
from webapp.common.errors import Invalid
from webapp.common.models import Corpus
from webapp.common.wording import counted

MOST_ITEMS = 60


class PageVerdictForm(AnswerForm):
    mark = forms.TypedChoiceField(choices=PageVerdict.Mark.choices, coerce=int)
    comment = forms.CharField(required=False, max_length=2000)


class PreferenceForm(AnswerForm):
    left_by = forms.TypedChoiceField(choices=[(n, str(n)) for n in (2, 1, 0, -1, -2)], coerce=int)
    comment = forms.CharField(required=False, max_length=2000)


class PageFlagForm(forms.Form):
    slot = forms.IntegerField(min_value=1)
    pair = forms.IntegerField(min_value=1)
    comment = forms.CharField(max_length=1000)
    rule = forms.CharField(required=False, max_length=20)


def page_verdict_values(post: QueryDict) -> dict[str, Any]:
    """Arguments for `page_verdict_submit`: an item's fields are `grade_<pair>` and, beside it, `key_`, `dimension_`,
    `rules_`, `why_` and `picture_<pair>`.
    """
    values = checked(PageVerdictForm(post))
    pairs = [name[6:] for name in post if name.startswith("grade_") and post[name]][:MOST_ITEMS]
    if not all(pair.isdecimal() for pair in pairs):
        raise Invalid("That is no item of this page: reload.", code="grades")
    return {
        **values, "key": values["key"] or uuid.uuid4(), "grades": [_item_grade(post, pair) for pair in pairs],
    }  # fmt: skip


def _item_grade(post: QueryDict, pair: str) -> ItemGrade:
    level = post[f"grade_{pair}"]
    grade = int(level) if level in ("1", "2", "3", "4") else 0
    return ItemGrade(
        key=_key(post.get(f"key_{pair}", "")),
        pair=int(pair),
        grade=grade,
        dimension="" if grade > 2 else post.get(f"dimension_{pair}", ""),
        rules_shown=tuple(post.get(f"rules_{pair}", "").split())[:60],
        disagreement=post.get(f"why_{pair}", ""),
        picture_decided=bool(post.get(f"picture_{pair}")),
    )


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text) if text else uuid.uuid4()
    except ValueError as error:
        raise Invalid("That is no key of an answer: reload the page.", code="key") from error


def preference_values(post: QueryDict) -> dict[str, Any]:
    """Arguments for `preference_submit`; `left_by` is as she saw the sides."""
    values = checked(PreferenceForm(post))
    return {**values, "key": values["key"] or uuid.uuid4()}


class ListCampaignForm(forms.Form):
    """A new campaign over pages, two pages side by side, or reasonings to rank. What a kind does not ask is left out."""

    KINDS = [
        (Campaign.Kind.PAGE, "Pages"), (Campaign.Kind.PAGE_PAIR, "Two pages side by side"),
        (Campaign.Kind.RANKING, "Reasonings to rank"),
    ]  # fmt: skip
    name = forms.CharField(max_length=120)
    source = forms.ChoiceField(label="Pages from")
    other_source = forms.ChoiceField(label="Against")
    build = forms.BooleanField(
        required=False, label="Build the pages of this order first, for queries that have none"
    )
    queries = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One query a line; empty: all of them.",
    )
    stratum = forms.ChoiceField(choices=[("", "all"), *Stratum.choices], required=False)
    limit = forms.IntegerField(
        required=False, min_value=1, max_value=10_000, label="At most", help_text="Left empty: all that fit."
    )
    redundancy = forms.IntegerField(min_value=1, max_value=9, initial=1, label="People each")
    blind_share = PercentField(min_value=0, max_value=100, initial=0.2, label="Judged blind, %")
    items = forms.ChoiceField(choices=ListSettings.Items.choices, initial="optional", label="What is judged")
    five_grades = forms.BooleanField(required=False, label="Tell much better from slightly better")
    variants = forms.IntegerField(min_value=2, max_value=8, initial=4, label="Reasonings in a list")
    hides_verdicts = forms.BooleanField(required=False, label="Hide the verdicts until the order is saved")
    guideline = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Markdown; one key away while judging.",
    )
    priority = CampaignForm.base_fields["priority"]
    deadline = CampaignForm.base_fields["deadline"]
    open_now = forms.BooleanField(required=False, initial=True, label="Open it at once")

    LEFT_OUT = {
        Campaign.Kind.PAGE: ("other_source", "five_grades", "variants", "hides_verdicts"),
        Campaign.Kind.PAGE_PAIR: ("items", "blind_share", "variants", "hides_verdicts"),
        Campaign.Kind.RANKING: ("source", "other_source", "build", "items", "blind_share", "five_grades"),
    }

    def __init__(self, corpus: Corpus, kind: str, values: Any = None) -> None:
        super().__init__(values)
        have = dict(page_sources(corpus))
        offered = [(name, f"{name} ({counted(n, 'query', 'queries')})") for name, n in have.items()]
        offered += [(name, f"{name} (to be built)") for name in RANKERS if name not in have]
        for field in ("source", "other_source"):
            chosen = self.fields[field]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = offered
        if len(offered) > 1:
            self.initial["other_source"] = offered[1][0]
        self.fields["priority"].required = False
        for field in self.LEFT_OUT[Campaign.Kind(kind)]:
            del self.fields[field]

    def choice(self) -> PageChoice:
        values = self.cleaned_data
        lines = tuple(line for line in values["queries"].splitlines() if line.strip())
        return PageChoice(values.get("source", ""), lines, values["stratum"], values["limit"] or 0)

    def edits(self) -> dict[str, Any]:
        """What every campaign has, set once it is made."""
        return {"deadline": self.cleaned_data["deadline"], "priority": self.cleaned_data["priority"] or 0}

    def asking(self) -> Asking:
        values = self.cleaned_data
        return Asking(
            redundancy=values["redundancy"], blind_share=values.get("blind_share", 0.0),
            guideline=values["guideline"], items=values.get("items", ListSettings.Items.NONE),
            five_grades=values.get("five_grades", False),
        )  # fmt: skip
