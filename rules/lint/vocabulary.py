"""What queries and items carry, as lint asks for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from rules.language import clean_fields
from rules.language.schema import ALWAYS

PROSE = frozenset({"query.text", "query.tokens", "query.negated", "item.title", "item.description"})
"""Fields of running text: that nothing carries a phrase there today says little about tomorrow."""


class Vocabulary(Protocol):
    """Field names ("item.color") that queries or items carry, and the texts found in one."""

    @property
    def fields(self) -> frozenset[str]: ...

    def values(self, field: str) -> frozenset[str]:
        """Every text that `field` carries; empty where it carries none, or more than are looked through."""
        ...

    def expected(self, field: str) -> frozenset[str]:
        """Texts that `field` may well carry tomorrow: a query's facet what items carry under its name, and what the
        tables of words spell.
        """
        ...


@dataclass(frozen=True)
class Carried:
    """A vocabulary held in memory."""

    fields: frozenset[str] = frozenset()
    texts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def values(self, field: str) -> frozenset[str]:
        return self.texts.get(field, frozenset())

    def expected(self, field: str) -> frozenset[str]:
        return self.texts.get(field.replace("query.", "item.", 1), frozenset())

    @classmethod
    def of(cls, queries: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]]) -> "Carried":
        """What the given queries and items carry."""
        found: dict[str, set[str]] = {name: set() for name in ALWAYS}
        for side, rows in (("query", queries), ("item", items)):
            for row in rows:
                for name, value in clean_fields(row).items():
                    texts = found.setdefault(f"{side}.{name}", set())
                    texts.update(
                        v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)
                    )
        return cls(frozenset(found), {name: frozenset(texts) for name, texts in found.items()})


NOTHING_KNOWN = Carried()
"""No corpus at hand: fields and values are not looked up."""
