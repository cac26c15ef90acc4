"""Rules by their words: code, title, principle, and what their conditions and reasons say."""

import json
import re
from dataclasses import dataclass

from django.db.models import BooleanField, F, Func, Q, Value

from rules.models import RuleVersion

AROUND = 40  # characters shown on both sides of what was found


class _PathExists(Func):
    """Whether a JSON path finds something: nothing of the path is SQL."""

    function = "jsonb_path_exists"
    template = "%(function)s(%(expressions)s::jsonpath)"
    output_field = BooleanField()


def rules_with(text: str) -> Q:
    """Rules whose newest version holds `text`, case set aside."""
    written = json.dumps(text, ensure_ascii=False)  # a JSON path writes its texts as JSON does
    held = f'(@.when like_regex {written} flag "iq" || @.reason like_regex {written} flag "iq")'
    return (
        Q(code__icontains=text)
        | Q(latest__title__icontains=text)
        | Q(latest__principle__icontains=text)
        | Q(latest__scope__icontains=text)
        | Q(_PathExists(F("latest__ladder"), Value(f"$[*] ? {held}")))
    )


@dataclass(frozen=True)
class Found:
    """A condition that holds what was searched for: `where` it is, and the text around the `hit`."""

    where: str
    before: str
    hit: str
    after: str


def condition_found(version: RuleVersion | None, text: str) -> Found | None:
    """The first condition or reason of a version that holds `text`; None where none does, or nothing is asked."""
    if version is None or not text:
        return None
    said = [("when to look", version.scope)]
    for number, step in enumerate(version.ladder, 1):
        said += [(f"step {number}", step.get("when", "")), (f"reason {number}", step.get("reason", ""))]
    for where, condition in said:
        if hit := re.search(re.escape(text), condition, re.I):
            before, after = condition[: hit.start()], condition[hit.end() :]
            shortened = f"…{before[-AROUND:]}" if len(before) > AROUND else before
            return Found(where, shortened, hit[0], f"{after[:AROUND]}…" if len(after) > AROUND else after)
    return None
