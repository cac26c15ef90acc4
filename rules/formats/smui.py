"""Querqy's rules.txt, as SMUI writes it: synonyms become a table, filters become rules.

    notebook =>
        SYNONYM: laptop
        FILTER: -case
        UP(50): premium
        @{ "_log": "id" }@

What moves results up or down, deletes words or decorates a page says nothing about relevance: it is listed, not bent into
a verdict.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rules.formats.carried import LONGEST_FIELD, Carried, LeftOut, bounded, proved
from rules.language import field_name
from webapp.common.errors import Invalid

_INSTRUCTION = re.compile(
    r"(SYNONYM|UP|DOWN|FILTER|DELETE|DECORATE)\s*(?:\(([^)]*)\))?\s*(?::\s*(.*))?$", re.I | re.S
)
_RAW = re.compile(r"\*\s*(-?)\s*([A-Za-z_]\w*)\s*:\s*\"?([^\"*:\[\]{}()]+?)\"?\s*$")
SAYS_NOTHING = {
    "UP": "It moves results up, and says nothing about relevance.",
    "DOWN": "It moves results down, and says nothing about relevance.",
    "DELETE": "It changes the query; a rule reads the query as it was typed.",
    "DECORATE": "It decorates a page, and says nothing about an item.",
}
MOST_INPUTS = 20_000


@dataclass
class _Block:
    """An input with its instructions and properties, each with its line."""

    line: int
    term: str
    instructions: list[tuple[int, str]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Reader:
    rules: list[dict[str, Any]] = field(default_factory=list)
    synonyms: dict[str, list[str]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    def leave(self, line: int, what: str, reason: str, mend: str = "") -> None:
        self.left_out.append(LeftOut(f"line {line}", what[:120], reason, mend))


def smui_read(text: str) -> Carried:
    """A rules.txt as a document. Raises Invalid where it is none."""
    reader = _Reader()
    blocks = list(_blocks(bounded(text), reader))
    if not blocks:
        raise Invalid(
            "No input was found: a rules.txt holds blocks such as “notebook =>” with instructions below.",
            code="rulebook_invalid",
        )
    for block in blocks:
        _block_read(block, reader)
    document: dict[str, Any] = {"rules": reader.rules}
    if reader.synonyms:
        document["tables"] = {"synonyms": reader.synonyms}
    return Carried("smui", document, tuple(reader.left_out))


def _blocks(text: str, reader: _Reader) -> Iterator[_Block]:
    block: _Block | None = None
    lines = iter(enumerate(text.splitlines(), 1))
    count = 0
    for number, raw in lines:
        line = raw.strip()
        if len(raw) > LONGEST_FIELD:
            reader.leave(number, line[:40], "The line is too long.")
        elif not line or line.startswith("#"):
            continue
        elif line.endswith("=>"):
            count += 1
            if count > MOST_INPUTS:
                raise Invalid(f"A rules.txt holds at most {MOST_INPUTS} inputs.", code="rulebook_invalid")
            if block is not None:
                yield block
            block = _Block(number, line.removesuffix("=>").strip())
        elif block is None:
            reader.leave(number, line, "It stands before the first input.", "Begin with “input =>”.")
        elif line.startswith("@{"):
            _properties(block, number, line, lines, reader)
        elif line.startswith("@"):
            name, _, value = line[1:].partition(":")
            block.properties[name.strip()] = value.strip().strip('"')
        else:
            block.instructions.append((number, line))
    if block is not None:
        yield block


def _properties(
    block: _Block, number: int, line: str, lines: Iterator[tuple[int, str]], reader: _Reader
) -> None:
    """`@{ ... }@` over one or several lines."""
    body = line[1:]
    while not body.rstrip().endswith("}@"):
        following = next(lines, None)
        if following is None:
            break
        body += "\n" + following[1]
    try:
        found = json.loads(body.rstrip().removesuffix("@"))
        block.properties.update(found if isinstance(found, dict) else {})
    except (ValueError, RecursionError):
        reader.leave(number, line, "The properties are no JSON.", 'Write @{ "priority": 1 }@.')


def _block_read(block: _Block, reader: _Reader) -> None:
    if str(block.properties.get("enabled", True)).lower() == "false":
        reader.leave(block.line, block.term, "The rule is switched off.")
        return
    scope = _scope(block, reader)
    if scope is None:
        return
    steps = [step for line, text in block.instructions if (step := _step(block, line, text, reader))]
    if steps:
        _rule_add(block, scope, steps, reader)


def _scope(block: _Block, reader: _Reader) -> str | None:
    """When the input matches a query; quotation marks bind it to the query's beginning and end."""
    term, name = block.term, _quoted(block.term.strip('"').lower())
    if "*" in term or not term.strip('"').strip() or re.search(r"\b(AND|OR|NOT)\b|[()]", term):
        reader.leave(
            block.line, term, "Wildcards and boolean inputs are not taken.", "Write one input for each word."
        )
        return None
    opens, closes = term.startswith('"'), term.endswith('"')
    if opens and closes:
        return f"lower(query.text) == {name}"
    if opens:
        return f"mentions(query.text, {name}) && lower(query.text).startsWith({name})"
    if closes:
        return f"mentions(query.text, {name}) && lower(query.text).endsWith({name})"
    return f"mentions(query.text, {name})"


def _step(block: _Block, line: int, text: str, reader: _Reader) -> dict[str, str] | None:
    """A step of the rule, or None where the instruction is a synonym or says nothing about relevance."""
    found = _INSTRUCTION.match(text)
    if found is None:
        reader.leave(line, text, "No such instruction.", "SYNONYM, UP, DOWN, FILTER, DELETE or DECORATE.")
        return None
    kind, weight, value = found[1].upper(), found[2], (found[3] or "").strip()
    if kind in SAYS_NOTHING:
        reader.leave(line, text, SAYS_NOTHING[kind])
    elif not value:
        reader.leave(line, text, "The instruction names nothing.")
    elif kind == "SYNONYM":
        _synonym(block, line, value, weight, reader)
    else:
        return _filter(line, value, reader)
    return None


def _synonym(block: _Block, line: int, value: str, weight: str | None, reader: _Reader) -> None:
    if "$1" in value:
        reader.leave(line, value, "A synonym made from a wildcard is not taken.")
        return
    words = reader.synonyms.setdefault(block.term.strip('"').strip(), [])
    if value not in words:
        words.append(value)
    if weight:
        reader.leave(line, f"({weight})", "A synonym's weight has no place in a table; the synonym is taken.")


def _filter(line: int, value: str, reader: _Reader) -> dict[str, str] | None:
    if value.startswith("*"):
        raw = _RAW.match(value)
        if raw is None:
            reader.leave(
                line, value, "A query in the search engine's own language.", "Write it as a condition."
            )
            return None
        held = f"lower(item.{field_name(raw[2])}) {'==' if raw[1] else '!='} lower({_quoted(raw[3])})"
        return {
            "when": held,
            "grade": "L1",
            "dimension": "",
            "reason": f"The filter asks for {raw[1]}{raw[2]}: {raw[3]}.",
        }
    parts = [
        f"{'' if word.startswith('-') else '!'}mentions(item.title, {_quoted(word.lstrip('+-'))})"
        for word in value.split()
        if word.strip("+-")
    ]
    if not parts:
        reader.leave(line, value, "The filter names no word.")
        return None
    return {
        "when": " || ".join(parts),
        "grade": "L1",
        "dimension": "",
        "reason": f"The filter asks for {value}.",
    }


def _rule_add(block: _Block, scope: str, steps: list[dict[str, str]], reader: _Reader) -> None:
    priority = block.properties.get("priority", 0)
    logged = str(block.properties.get("_id") or block.properties.get("_log") or "")
    term = block.term.strip('"').strip()
    raw = {
        "code": f"S{len(reader.rules) + 1:03d}",
        "title": f"Filter for “{term}”"[:160],
        "principle": f"Items that a filter for “{term}” removes. Taken over from a rules.txt"
        + (f" ({logged})." if logged else "."),
        "scope": scope,
        "ladder": steps,
        "priority": priority if type(priority) is int else 0,
    }
    form, error = proved(raw, {})
    if form is None:
        reader.leave(block.line, term, str(error))
    else:
        reader.rules.append(form)


def _quoted(text: str) -> str:
    return json.dumps(text.strip(), ensure_ascii=False)
