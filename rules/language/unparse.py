"""A tree written back as CEL, in one canonical way."""

import json

from rules.language import nodes as n

_LEVELS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3, "+": 4, "-": 4}
_PRODUCT = 5
_UNARY = 6
_ATOM = 7


def literal_text(value: object) -> str:
    """A literal as CEL writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float) and "." not in repr(value) and "e" not in repr(value):
        return f"{value!r}"
    return repr(value)


def unparse(node: n.Node) -> str:
    """The canonical text of `node`; parsing it gives an equal tree."""
    return _write(node, 0)


def _write(node: n.Node, outer: int) -> str:
    text, level = _text(node)
    return f"({text})" if level < outer else text


def _text(node: n.Node) -> tuple[str, int]:
    match node:
        case n.Logic():
            level = _LEVELS[node.op]
            return f" {node.op} ".join(_write(p, level + 1) for p in node.parts), level
        case n.Binary():
            level = _LEVELS.get(node.op, _PRODUCT)
            return f"{_write(node.left, level)} {node.op} {_write(node.right, level + 1)}", level
        case n.Choice():
            return f"{_write(node.condition, 1)} ? {_write(node.yes, 1)} : {_write(node.no, 0)}", 0
        case n.Unary():
            # A sign in front of a number would be read back as part of the number.
            inner = _write(node.arg, _UNARY)
            needs = node.op == "-" and isinstance(node.arg, n.Literal)
            return (f"-({inner})" if needs else f"{node.op}{inner}"), _UNARY
        case _:
            return _atom(node), _ATOM


def _receiver(node: n.Node) -> str:
    """A number before a dot would be read as a decimal one."""
    bare = isinstance(node, n.Literal) and type(node.value) in (int, float)
    return f"({unparse(node)})" if bare else _write(node, _ATOM)


def _atom(node: n.Node) -> str:
    match node:
        case n.Literal():
            return literal_text(node.value)
        case n.ListOf():
            return "[" + ", ".join(map(unparse, node.items)) + "]"
        case n.Field():
            plain = node.name.isascii() and node.name.isidentifier()
            return f"{node.side}.{node.name}" if plain else f"{node.side}[{literal_text(node.name)}]"
        case n.Var():
            return node.name
        case n.Has():
            return f"has({unparse(node.target)})"
        case n.Index():
            return f"{_receiver(node.source_list)}[{unparse(node.index)}]"
        case n.Macro():
            return f"{_receiver(node.range)}.{node.kind}({node.var}, {unparse(node.body)})"
        case n.Call():
            return _call(node)
        case _:
            raise TypeError(f"not a node of the rule language: {node!r}")


def _call(node: n.Call) -> str:
    if node.receiver:
        rest = ", ".join(map(unparse, node.args[1:]))
        return f"{_receiver(node.args[0])}.{node.name}({rest})"
    return f"{node.name}({', '.join(map(unparse, node.args))})"
