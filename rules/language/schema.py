"""What a corpus says about its fields, for the checker: names, types, and what queries and items carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ALWAYS: Mapping[str, str] = {
    "query.text": "string",
    "query.tokens": "list",
    "query.negated": "list",
    "item.title": "string",
    "item.description": "string",
    "item.brand": "string",
    "item.category": "string",
}
TYPES = ("string", "int", "double", "bool", "list", "any")


@dataclass(frozen=True, slots=True)
class Schema:
    """`fields` maps "query.brand" or "item.price" to a type name of TYPES ("any" where values differ).

    With `strict` an unknown field is an error; else it is a warning, because a rulebook may travel between
    corpora.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False

    def type_of(self, name: str) -> str | None:
        """The type of field `name`, or None where neither the corpus nor the language knows it."""
        return self.fields.get(name) or ALWAYS.get(name)

    def names(self) -> list[str]:
        """All known field names, sorted."""
        return sorted({*self.fields, *ALWAYS})
