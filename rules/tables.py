"""Synonym and family tables as values: made canonical, told apart, and held to their examples. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from rules.language import registry
from rules.language.terms import named_families
from webapp.common.errors import Invalid

Table: TypeAlias = dict[str, list[str]]
LONGEST_NAME, LONGEST_WORD = 60, 120
MOST_FAMILIES, MOST_WORDS, MOST_EXAMPLES = 5_000, 50_000, 500


def table_clean(content: Any) -> Table:
    """{family: [words]}, folded to one spelling each, the family's own name left out of its words. Raises Invalid."""
    if not isinstance(content, Mapping) and (isinstance(content, str) or not isinstance(content, Sequence)):
        raise Invalid("A table holds families and their words: blue: [navy].", code="table_invalid")
    found: Table = {}
    for family, members in named_families(content):
        name = _word(family, "A family")
        kept = found.setdefault(name, [])
        for member in members:
            word = _word(member, "A word")
            if word != name and word not in kept:
                kept.append(word)
    if len(found) > MOST_FAMILIES or sum(map(len, found.values())) > MOST_WORDS:
        raise Invalid(
            f"A table holds at most {MOST_FAMILIES} families and {MOST_WORDS} words.", code="table_invalid"
        )
    return found


def _word(text: Any, what: str) -> str:
    plain = " ".join(str(text).replace("\x00", "").split())
    if not plain or len(plain) > LONGEST_WORD:
        raise Invalid(f"{what} has 1 to {LONGEST_WORD} characters.", code="table_invalid")
    return plain


def table_name_clean(name: str) -> str:
    """The name as rules write it. Raises Invalid."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not re.fullmatch(r"[\w -]+", plain):
        raise Invalid(
            "A table's name is letters, digits, spaces, hyphens and underscores.", code="table_invalid"
        )
    return plain


def examples_clean(examples: Any) -> list[dict[str, Any]]:
    """[{"a", "b", "same", "note"}], empty ones left out. Raises Invalid."""
    if not isinstance(examples, Sequence) or isinstance(examples, str) or len(examples) > MOST_EXAMPLES:
        raise Invalid(f"examples is a list of at most {MOST_EXAMPLES} pairs of words.", code="table_invalid")
    found = []
    for example in examples:
        if not isinstance(example, Mapping) or not isinstance(example.get("same"), bool):
            raise Invalid("An example has a, b and same: true or false.", code="table_invalid")
        pair = {side: _word(example.get(side), "An example's word") for side in ("a", "b")}
        found.append({**pair, "same": example["same"], "note": str(example.get("note") or "")[:200]})
    return found


@dataclass(frozen=True)
class TableExample:
    """An example of a table, run: whether its two words are of one family as it says."""

    number: int
    a: str
    b: str
    same: bool
    passed: bool
    note: str

    @property
    def message(self) -> str:
        asked = "one family" if self.same else "two families"
        return f"“{self.a}” and “{self.b}” should be of {asked}."


def examples_run(name: str, content: Any, examples: Iterable[Mapping[str, Any]]) -> list[TableExample]:
    """Every example of a table as the rule language answers it."""
    same_family = registry({name: content})["same_family"].body
    return [
        TableExample(
            number,
            row["a"],
            row["b"],
            row["same"],
            same_family(row["a"], row["b"], name) is row["same"],
            row["note"],
        )
        for number, row in enumerate(examples, 1)
    ]


def tables_in_order(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables and families by name: a database keeps no order of its own, and a file should diff well."""
    return {
        name: dict(sorted(content.items())) if isinstance(content, Mapping) else content
        for name, content in sorted(tables.items())
    }


def shared_words(content: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Words that stand in more than one family: allowed, but seldom meant."""
    homes: dict[str, list[str]] = {}
    for family, words in named_families(content):
        for word in words:
            homes.setdefault(word.casefold(), []).append(family)
    return {word: found for word, found in homes.items() if len(set(found)) > 1}


@dataclass(frozen=True)
class FamilyChange:
    """`kind` is new, changed or removed; the words that came and went."""

    family: str
    kind: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class TableChange:
    """`kind` is new, changed or removed."""

    name: str
    kind: str
    families: tuple[FamilyChange, ...]


def tables_diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[TableChange]:
    """What the tables of a release change of those before it, family by family; what stays is not listed."""
    found = []
    for name in sorted({*before, *after}):
        old, new = (_plain(tables.get(name)) for tables in (before, after))
        families = _families_diff(old, new)
        kind = "new" if name not in before else "removed" if name not in after else "changed"
        if families or kind != "changed":
            found.append(TableChange(name, kind, families))
    return found


def _plain(content: Any) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for family, words in named_families(content or {}):
        found[family] = found.get(family, frozenset()) | (frozenset(words) - {family})
    return found


def _families_diff(
    old: Mapping[str, frozenset[str]], new: Mapping[str, frozenset[str]]
) -> tuple[FamilyChange, ...]:
    found = []
    for family in sorted({*old, *new}):
        before, after = old.get(family, frozenset()), new.get(family, frozenset())
        kind = "new" if family not in old else "removed" if family not in new else "changed"
        if kind != "changed" or before != after:
            added, removed = tuple(sorted(after - before)), tuple(sorted(before - after))
            found.append(FamilyChange(family, kind, added, removed))
    return tuple(found)
