"""What pages and programs send, parsed once: plain values out, or Invalid with a sentence."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from annotation.errors import NEEDS_REASON, ReasonNeeded
from annotation.formats import FORMATS
from annotation.models import Campaign, Judgment
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.models import Corpus

LONGEST = 20_000  # characters of a reasoning a person writes


class PercentField(forms.FloatField):
    """A share, kept from 0 to 1 and typed in per cent; its bounds are in per cent too."""

    def prepare_value(self, value: Any) -> Any:
        return f"{100 * value:g}" if isinstance(value, int | float) else value

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return None if found is None else round(found / 100, 6)


class AnswerForm(forms.Form):
    """What every answer carries: its idempotency key, the slot and lease it is for, the release that was seen."""

    key = forms.UUIDField(required=False)
    slot = forms.IntegerField(min_value=1)
    lease = forms.UUIDField(required=False)
    release = forms.IntegerField(min_value=1)
    seconds = forms.FloatField(required=False, min_value=0)


class JudgmentForm(AnswerForm):
    grade = forms.TypedChoiceField(choices=[(n, f"L{n}") for n in (1, 2, 3, 4)], coerce=int)
    dimension = forms.CharField(required=False, max_length=40)
    rules_shown = forms.CharField(required=False, max_length=2000)
    picture_decided = forms.BooleanField(required=False)
    disagreement = forms.ChoiceField(choices=Judgment.Disagreement.choices, required=False)
    allowed = forms.RegexField(r"^[1-4]*$", required=False)
    comment = forms.CharField(required=False, max_length=4000)
    item_version = forms.IntegerField(required=False, min_value=1)
    suggestion = forms.IntegerField(required=False, min_value=1)


def checked(form: forms.Form) -> dict[str, Any]:
    """The form's clean values, or Invalid naming the first fault."""
    if not form.is_valid():
        name, faults = next(iter(form.errors.items()))
        raise Invalid(f"{name.replace('_', ' ')}: {faults[0]}", code="form", extra={"fields": form.errors})
    return form.cleaned_data


def judgment_values(post: QueryDict) -> dict[str, Any]:
    """Arguments for `judgment_submit` (slot and release as ids), from the grade page's fields."""
    values = checked(JudgmentForm(post))
    allowed = values.pop("allowed")
    if allowed and str(values["grade"]) not in allowed and not values["disagreement"]:
        raise ReasonNeeded(NEEDS_REASON)
    if values["grade"] > 2:
        values["dimension"] = ""
    values["key"] = values["key"] or uuid.uuid4()
    values["rules_shown"] = values["rules_shown"].split()
    values["rules_cited"] = [code[:20] for code in post.getlist("rules_cited")]
    return values


def ranking_values(post: Mapping[str, str]) -> dict[str, Any]:
    """Arguments for `ranking_submit`: fields `tier_<id>` (1 is best, empty: unranked) and `fault_<id>_<step>`."""
    values = checked(AnswerForm(post))
    tiers: dict[int, list[int]] = {}
    faults: dict[str, dict[str, str]] = {}
    for name, value in post.items():
        kind, _, rest = name.partition("_")
        if kind == "tier" and rest.isdecimal() and str(value).isdecimal() and int(value):
            tiers.setdefault(int(value), []).append(int(rest))
        elif kind == "fault" and value and (parts := rest.partition("_"))[0].isdecimal():
            faults.setdefault(parts[0], {})[parts[2]] = str(value)
    return {
        **values,
        "key": values["key"] or uuid.uuid4(),
        "tiers": [tiers[number] for number in sorted(tiers)],
        "all_bad": bool(post.get("all_bad")),
        "faults": faults,
        "shown_order": [int(pk) for pk in post.get("shown_order", "").split() if pk.isdecimal()],
        "correction": post.get("fix_text", "")[:LONGEST] if post.get("fix") else "",
    }


class SkipForm(forms.Form):
    slot = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=40)
    comment = forms.CharField(required=False, max_length=500)


class FlagForm(forms.Form):
    slot = forms.IntegerField(min_value=1)
    comment = forms.CharField(max_length=1000)
    rule = forms.CharField(required=False, max_length=20)


class AdjudicationForm(forms.Form):
    grade = forms.TypedChoiceField(choices=[(n, f"L{n}") for n in (4, 3, 2, 1)], coerce=int)
    dimension = forms.CharField(required=False, max_length=40)
    picture_decided = forms.BooleanField(required=False)
    make_gold = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=4000)


class GoldForm(forms.Form):
    grade = forms.TypedChoiceField(choices=[(n, f"L{n}") for n in (4, 3, 2, 1)], coerce=int)
    dimension = forms.CharField(required=False, max_length=40)
    reason = forms.CharField(required=False, max_length=500)


class ExportForm(forms.Form):
    format = forms.ChoiceField(choices=[(found.code, found.title) for found in FORMATS.values()])
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False, empty_label="the whole corpus")
    release = forms.ModelChoiceField(
        Release.objects.none(), required=False, empty_label="every release", to_field_name="number"
    )


def export_form(corpus: Corpus, values: Mapping[str, Any] | None = None) -> ExportForm:
    """The form of a new export, offering this corpus's campaigns alone."""
    form = ExportForm(values)
    field = form.fields["campaign"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = Campaign.objects.filter(corpus=corpus).order_by("-pk")
    released = form.fields["release"]
    assert isinstance(released, forms.ModelChoiceField)
    released.queryset = (
        Release.objects.filter(corpus=corpus, state=Release.State.PUBLISHED)
        .order_by("-number")
        .defer("tables")
    )
    return form
