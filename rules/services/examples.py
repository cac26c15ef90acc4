"""A pair becomes an example of a rule, from wherever it was seen."""

from django.db import transaction

from catalog.models import Pair
from relevance.grades import Grade
from rules.form import form_hash
from rules.models import Rule, RuleVersion
from rules.pair_selectors import fields_of_pair
from rules.selectors import example_pairs, latest_of, version_form
from rules.services.rules import rule_edit
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import User


@transaction.atomic
def rule_example_add(
    *, rule: Rule, pair: Pair, grade: str, dimension: str = "", note: str = "", actor: User | None
) -> RuleVersion:
    """A new version of `rule` that holds `pair` as an example expecting `grade` ("L2"; "" for: must not fire).

    Raises Invalid for another grade, Conflict where the rule has this very pair as an example.
    """
    if grade and grade not in Grade.__members__:
        raise Invalid("An example expects L1, L2, L3 or L4, or that the rule does not fire.", code="grade")
    rule = Rule.objects.select_for_update(of=("self",)).select_related("corpus").get(pk=rule.pk)
    latest = latest_of(rule)
    query, item = fields_of_pair(pair)
    item = {name: value for name, value in item.items() if name != "description"}
    form = version_form(latest)
    known = {form_hash({"q": example["query"], "i": example["item"]}) for example in form["examples"]}
    if pair.pk in example_pairs(latest).values() or form_hash({"q": query, "i": item}) in known:
        raise Conflict(f"{rule.code} has this pair as an example already.", code="example_known")
    example = {"query": query, "item": item, "grade": grade or None, "dimension": dimension, "note": note}
    place = len(form["examples"])
    form["examples"] = [*form["examples"], example]
    return rule_edit(
        rule=rule,
        form=form,
        actor=actor,
        note=f"An example from a real pair. {note}".strip(),
        pairs={place: pair.pk},
    )
