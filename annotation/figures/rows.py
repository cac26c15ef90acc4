"""One figure before it is stored. Every maker of figures yields these; `store` writes them."""

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """`metric` of the slice `kind`/`key`; `value` None where it is undefined, `n` what it was worked out over."""

    metric: str
    kind: str
    key: str
    label: str
    n: int
    value: float | None
    low: float | None = None
    high: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def number(value: float) -> float | None:
    """A figure, or None where the arithmetic came to nothing."""
    return float(value) if math.isfinite(value) else None
