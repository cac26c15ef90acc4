"""A rulebook as a file that diffs well: JSON or YAML, read back without surprises."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from rules.formats.carried import bounded
from webapp.common.documents import document_fault
from webapp.common.errors import Invalid

LARGEST = 4 * 1024 * 1024


class _Plain(yaml.SafeLoader):
    """YAML without aliases: a few lines of them can stand for gigabytes. Dates stay the text that was written."""

    def compose_node(self, parent: Any, index: int) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not taken: write the value out")
        return super().compose_node(parent, index)


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Wide(yaml.SafeDumper):
    """Several lines are written as a block, so that one changed line is one line of a diff; a family of words stands
    on one line. Nothing is written as an alias, because none is read.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


_ODD_BREAKS = frozenset("\r\x85\u2028\u2029")


class _Family(list[Any]):
    """A list that is written on one line."""


def _text(dumper: yaml.SafeDumper, value: str) -> Any:
    style = "|" if "\n" in value else None
    if _ODD_BREAKS & set(value):
        style = '"'  # YAML takes these for the end of a line and would give back another one
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _family(dumper: yaml.SafeDumper, value: _Family) -> Any:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Wide.add_representer(str, _text)
_Wide.add_representer(_Family, _family)


def _lined(document: Any) -> Any:
    """The document with each family of its tables as one line."""
    tables = document.get("tables") if isinstance(document, Mapping) else None
    if not isinstance(tables, Mapping):
        return document
    return {**document, "tables": {name: _table(content) for name, content in tables.items()}}


def _table(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {family: _Family(words) for family, words in content.items()}
    return [_Family(words) for words in content]


def rulebook_text(document: Any, form: str) -> str:
    """The document as JSON or YAML text, keys in the order they have."""
    if form == "json":
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return yaml.dump(_lined(document), Dumper=_Wide, allow_unicode=True, sort_keys=False, width=110)


def rulebook_parse(text: str) -> Any:
    """A document out of JSON or YAML text. Raises Invalid that says where it cannot be read."""
    text = bounded(text)
    try:
        if text.lstrip()[:1] in ("{", "["):
            document = json.loads(text, parse_constant=_refuse)
        else:
            document = yaml.load(text, Loader=_Plain)  # _Plain is a SafeLoader
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise Invalid(f"The file cannot be read: {error}"[:400], code="rulebook_invalid") from error
    if fault := document_fault(document):
        raise Invalid(f"The file is not taken. {fault}", code="rulebook_invalid")
    return document


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")
