"""What the campaign pages send: a choice of pairs, how it is judged, and who is let in."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings

from annotation.forms import PercentField
from annotation.models import Campaign
from annotation.overlap import Overlap
from annotation.selectors.sources import PairChoice, departments_of, sources_offered
from annotation.services.campaigns import OF_PAIRS
from catalog.models import Stratum
from webapp.common.models import Corpus

MOMENT = "%Y-%m-%dT%H:%M"


def sources_choices() -> list[tuple[str, str]]:
    """Asked for at each form: rooms above add theirs once they are ready."""
    return list(sources_offered().items())


class ChoiceForm(forms.Form):
    """Which pairs; also what a preview is asked for."""

    which = forms.ChoiceField(choices=sources_choices, label="Which pairs", initial="unsettled")
    queries = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="One query a line."
    )
    stratum = forms.ChoiceField(choices=[("", "—"), *Stratum.choices], required=False)
    department = forms.ChoiceField(required=False)
    rule = forms.CharField(required=False, max_length=20, help_text="Its code, such as R03.")
    limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=5_000_000,
        label="At most",
        help_text="Left empty: all that fit.",
    )
    redundancy = forms.IntegerField(min_value=1, max_value=9, initial=1, label="People per pair")
    redundancy_most = forms.IntegerField(
        required=False, min_value=0, max_value=9, label="Add people while unsure, up to",
        help_text="Empty or 0: nobody is added. Otherwise one more person is asked each time the answers are not sure.",
    )  # fmt: skip
    gold_share = PercentField(
        min_value=0, max_value=50, initial=0, label="Gold, %",
        help_text="Gold is judged blind, and twice as many others with it, lest being blind tell it.",
    )  # fmt: skip

    def __init__(self, corpus: Corpus, values: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(values, **options)
        found = [(name, f"{name} ({n})") for name, n in departments_of(corpus)]
        department = self.fields["department"]
        assert isinstance(department, forms.ChoiceField)
        department.choices = [("", "—"), *found]

    def choice(self) -> PairChoice:
        values = self.cleaned_data
        lines = tuple(line for line in values["queries"].splitlines() if line.strip())
        return PairChoice(
            values["which"],
            lines,
            values["stratum"],
            values["limit"] or 0,
            values["department"],
            values["rule"].strip(),
        )


class CampaignForm(ChoiceForm):
    """A new campaign over pairs."""

    name = forms.CharField(max_length=120)
    sureness = PercentField(
        min_value=50, max_value=99.9, initial=0.9, label="Sure from, %",
        help_text="How probable the consensus has to be: two people who agree come to 98 %, two against one to 91 %.",
    )  # fmt: skip
    blind_share = PercentField(
        min_value=0, max_value=100, initial=0.2, label="Judged blind, %",
        help_text="So many pairs are judged without rules and suggestions.",
    )  # fmt: skip
    shows_suggestions = forms.BooleanField(
        required=False, label="Show the model's verdict, to accept or correct"
    )
    priority = forms.IntegerField(
        min_value=-100, max_value=100, initial=0, help_text="Higher is given out first."
    )
    deadline = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        help_text=f"In the time zone {settings.TIME_ZONE}.",
    )  # fmt: skip
    quiz_size = forms.IntegerField(
        min_value=0, max_value=50, initial=0, label="Quiz questions",
        help_text="Gold pairs to get right before the first subject; 0: no quiz.",
    )  # fmt: skip
    quiz_pass = PercentField(
        min_value=0, max_value=100, initial=0.8, label="Pass mark, %", help_text="Of the quiz, got right."
    )
    quiz_tries = forms.IntegerField(min_value=1, max_value=20, initial=2, label="Tries")
    guideline = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Markdown; the key G shows it while judging.",
    )
    open_now = forms.BooleanField(required=False, initial=True, label="Open it at once")

    SECTIONS = (
        ("Which pairs", ("name", "which", "queries", "stratum", "department", "rule", "limit")),
        ("How many people", ("redundancy", "redundancy_most", "sureness")),
        ("What they see", ("blind_share", "gold_share", "shows_suggestions", "guideline")),
        ("When, and who", ("priority", "deadline", "quiz_size", "quiz_pass", "quiz_tries", "open_now")),
    )

    LEFT_OUT = ("sureness", "priority", "quiz_size", "quiz_pass", "quiz_tries")

    def __init__(self, corpus: Corpus, values: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(corpus, values, **options)
        for name in self.LEFT_OUT:
            self.fields[name].required = False

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]

    def settings(self) -> dict[str, Any]:
        """Arguments of `campaign_create` beside the corpus, the name and the pairs."""
        names = ("redundancy", "sureness", "blind_share", "gold_share", "guideline", "deadline", "priority",
                 "quiz_size", "quiz_pass", "quiz_tries", "shows_suggestions")  # fmt: skip
        values = self.cleaned_data
        given = {name: values[name] for name in names}
        given |= {name: self.fields[name].initial for name in self.LEFT_OUT if values[name] is None}
        return {
            **given,
            "redundancy_most": values["redundancy_most"] or 0,
            "choice": self.choice().as_json(),
        }


class OverlapForm(forms.Form):
    """How many people are asked about a subject; also what a preview of a change is asked for."""

    redundancy = forms.IntegerField(min_value=1, max_value=9)
    redundancy_most = forms.IntegerField(required=False, min_value=0, max_value=9)
    sureness = PercentField(required=False, min_value=50, max_value=99.9)

    def overlap(self, campaign: Campaign) -> Overlap:
        """What was sent; what was not sent as it is."""
        values = self.cleaned_data
        most = values["redundancy_most"] or 0 if "redundancy_most" in self.data else campaign.redundancy_most
        sureness = campaign.sureness if values["sureness"] is None else values["sureness"]
        return Overlap(values["redundancy"], most, sureness)


class CampaignEditForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may change while people work."""

    redundancy_most = forms.IntegerField(required=False, min_value=0, max_value=9)
    sureness = PercentField(min_value=50, max_value=99.9)
    quiz_pass = PercentField(min_value=0, max_value=100)

    class Meta:
        model = Campaign
        fields = ("name", "guideline", "deadline", "priority", "redundancy", "redundancy_most", "sureness", "quiz_pass",
                  "quiz_tries", "shows_suggestions")  # fmt: skip
        widgets = {"deadline": forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)}

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        for name in OF_PAIRS if self.instance.kind != Campaign.Kind.PAIR else ():
            del self.fields[name]
        for name, asked in CampaignForm.base_fields.items():  # called the same as when the campaign was made
            if name in self.fields:
                self.fields[name].label, self.fields[name].help_text = asked.label, asked.help_text
        self.fields["deadline"].required = False
        self.fields["guideline"].widget.attrs["rows"] = 8

    def clean_redundancy_most(self) -> int:
        """Left empty: nobody is added."""
        return self.cleaned_data["redundancy_most"] or 0

    def validate_unique(self) -> None:
        """The service says it, in its own words."""


class AssignForm(forms.Form):
    """Subjects kept for a person, moved to another, or put back."""

    ACTIONS = (("assign", "Keep for"), ("reassign", "Hand on"), ("return", "Give back"))
    action = forms.ChoiceField(choices=ACTIONS)
    person = forms.IntegerField(min_value=1)
    to = forms.IntegerField(required=False, min_value=1)
    count = forms.IntegerField(required=False, min_value=1, max_value=5000)


class QuizForm(forms.Form):
    pair = forms.IntegerField(min_value=1)
    grade = forms.TypedChoiceField(choices=[(n, f"L{n}") for n in (1, 2, 3, 4)], coerce=int)
    dimension = forms.CharField(required=False, max_length=40)
