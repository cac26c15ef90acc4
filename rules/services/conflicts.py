"""Two rules in conflict: one of them gets a version that decides between them."""

from django.db import transaction

from rules.models import RuleVersion
from rules.selectors import latest_of, rule_get, version_form
from rules.services.rules import rule_edit
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, User


@transaction.atomic
def conflict_resolve(*, corpus: Corpus, code: str, other: str, how: str, actor: User | None) -> RuleVersion:
    """A new version of the rule `code`: `how` is "priority" (above `other`) or "yield" (to `other`).

    Raises NotFound for an unknown rule, Invalid for another way.
    """
    rule, against = rule_get(corpus, code), rule_get(corpus, other)
    if rule.pk == against.pk:
        raise Invalid("A rule is not in conflict with itself.")
    form = version_form(latest_of(rule))
    if how == "priority":
        form["priority"] = max(form["priority"], latest_of(against).priority + 1)
        note = f"Priority {form['priority']}, above {other}."
    elif how == "yield":
        form["yields_to"] = list(dict.fromkeys([*form["yields_to"], other]))
        note = f"Yields to {other}."
    else:
        raise Invalid("A conflict is resolved by priority or yield, or by editing a rule.")
    return rule_edit(rule=rule, form=form, actor=actor, note=note)
