"""A turn's report as a table of plain text."""

from collections.abc import Mapping
from typing import Any

LEVELS = ("L1", "L2", "L3", "L4")
METRICS = (("Acc@2", "acc2"), ("Acc@4", "acc4"), ("macro-F1", "macro_f1"))


def report_table(report: Mapping[str, Any]) -> str:
    """Each subject on a line with its 95 % intervals over queries, then capabilities, gate and outcome."""
    rows = list(report.get("rows") or ())
    width = max([len(row["subject"]) for row in rows] + [12])
    head = [f"{'held-out test split':<{width}}", *(f"{name:>17}" for name, _ in METRICS)]
    lines = [
        f"n {report.get('n')} pairs of {report.get('queries')} queries; 95 % intervals over queries",
        "  ".join([*head, *(f"F1 {level}" for level in LEVELS), "unread"]),
    ]
    lines += [_line(row, width) for row in rows]
    lines += ["", *_capabilities(rows, width), "", *_gate(report)]
    return "\n".join(lines)


def _line(row: Mapping[str, Any], width: int) -> str:
    cells = [f"{row['subject']:<{width}}"]
    for _, key in METRICS:
        low, high = row.get("intervals", {}).get(key, (0.0, 0.0))
        cells.append(f"{row.get(key, 0.0):.3f} [{low:.2f},{high:.2f}]".rjust(17))
    cells += [f"{row.get('per_class_f1', {}).get(level, 0.0):5.3f}" for level in LEVELS]
    cells.append(f"{row.get('unparsable', 0.0):6.1%}")
    if "abstain_rate" in row:
        covered = row["covered"]
        cells.append(
            f"abstains {row['abstain_rate']:.1%}; on the {covered['n']} it answers Acc@4 {covered['acc4']:.3f}"
        )
    return "  ".join(cells)


def _capabilities(rows: list[Any], width: int) -> list[str]:
    names = ("knowledge", "visual", "rules")
    lines = ["  ".join([f"{'Acc@2 / macro-F1 by capability':<{width}}", *(f"{name:>22}" for name in names)])]
    for row in rows:
        held = row.get("capabilities", {})
        lines.append(
            "  ".join([f"{row['subject']:<{width}}", *(_slice(held.get(name, {})) for name in names)])
        )
    return lines


def _slice(figures: Mapping[str, Any]) -> str:
    if not figures.get("n"):
        return f"{'none (n 0)':>22}"
    return f"{figures['acc2']:.3f} / {figures['macro_f1']:.3f} n {figures['n']}".rjust(22)


def _gate(report: Mapping[str, Any]) -> list[str]:
    gate = report.get("gate") or {}
    lines = [f"gate {'passed' if gate.get('passed') else 'did not pass'}"]
    for row in gate.get("conditions", ()):
        span = "" if row["low"] is None else f" [{row['low']:+.3f}, {row['high']:+.3f}]"
        said = f"  {'ok  ' if row['holds'] else 'FAIL'} {row['name']}: {row['value']:+.3f}{span}, bound {row['bound']:+.3f}"
        lines.append(f"{said} {row['note']}".rstrip())
    preferences = report.get("preferences") or {}
    if preferences:
        lines.append(
            "preference pairs: " + ", ".join(f"{n} from {name}s" for name, n in sorted(preferences.items()))
        )
    models = report.get("models") or [{}]
    outcome = "is the champion now" if report.get("promoted") else "was not promoted"
    return [*lines, f"model {models[-1].get('model')} {outcome}"]
