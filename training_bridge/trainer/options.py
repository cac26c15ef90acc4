"""Options of each method, with the defaults that docs/experiments.md records. Pure: reading them imports no torch."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, get_type_hints

# What an evaluation calls whom it measures: the model as it is asked, and what it must beat.
DIRECT, REASONED, NO_RULES = "model direct", "model reasoned", "model direct, no rules"
MAJORITY, OVERLAP, RULES = "majority class", "word overlap + LR", "rules alone"


class OptionError(ValueError):
    """A recipe or configuration that cannot be used; the message names the option."""


@dataclass(frozen=True)
class TinyOptions:
    """The model made from scratch when the base model is 'tiny'."""

    layers: int = 3
    hidden: int = 192
    heads: int = 4
    vocabulary: int = 4096
    context: int = 2048


@dataclass(frozen=True)
class SftOptions:
    """Supervised stage: rows are read stage by stage (knowledge first), each in shuffled batches of like length."""

    epochs: int = 1
    learning_rate: float = 1e-3
    batch_size: int = 32
    gradient_accumulation_steps: int = 1
    warmup_steps: int = 50
    weight_decay: float = 0.05
    max_steps: int = 0
    save_steps: int = 200
    tiny: TinyOptions = field(default_factory=TinyOptions)


@dataclass(frozen=True)
class DpoOptions:
    """Preference stage on dpo.jsonl, and on pairs sampled from the model itself for the prompts of grpo.jsonl."""

    epochs: int = 1
    learning_rate: float = 5e-5
    batch_size: int = 16
    beta: float = 0.1
    sft_weight: float = 0.2
    sampled_prompts: int = 400
    samples_per_prompt: int = 4
    temperature: float = 1.0
    max_new_tokens: int = 160
    max_steps: int = 0
    save_steps: int = 100


@dataclass(frozen=True)
class GrpoOptions:
    """Reinforcement stage with verifiable rewards on grpo.jsonl."""

    learning_rate: float = 5e-5
    prompts_per_step: int = 8
    generations: int = 8
    temperature: float = 1.0
    max_new_tokens: int = 160
    beta: float = 0.005
    epsilon: float = 0.2
    epsilon_high: float = 0.28
    entropy: float = 0.0
    loss: str = "dapo"
    max_steps: int = 60
    save_steps: int = 20


@dataclass(frozen=True)
class EvaluateOptions:
    """What is measured on eval.jsonl. `split` '' means every row; sampled figures cost `samples` generations a pair."""

    split: str = "test"
    batch_size: int = 64
    reasoned: bool = True
    max_new_tokens: int = 160
    sampled_pairs: int = 0
    samples: int = 8
    temperature: float = 1.0
    bootstrap: int = 1000
    baselines: bool = True


METHODS: dict[str, type] = {
    "sft": SftOptions,
    "dpo": DpoOptions,
    "grpo": GrpoOptions,
    "evaluate": EvaluateOptions,
}  # fmt: skip
Options = TypeVar("Options")


def read_options(kind: type[Options], given: Mapping[str, Any], where: str = "") -> Options:
    """`given` as an instance of a dataclass of options. Raises OptionError naming an unknown or ill-typed option."""
    known = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, value in given.items():
        path = f"{where}.{name}" if where else name
        if name not in known:
            raise OptionError(f"unknown option {path!r}; known here: {', '.join(sorted(known))}")
        values[name] = _read_value(known[name], value, path)
    required = [part.name for part in fields(kind) if _is_required(part) and part.name not in values]  # type: ignore[arg-type]
    if required:
        raise OptionError(f"missing option {', '.join(required)}" + (f" in {where}" if where else ""))
    return kind(**values)


def _read_value(kind: Any, value: Any, path: str) -> Any:
    if hasattr(kind, "__dataclass_fields__"):
        if not isinstance(value, Mapping):
            raise OptionError(f"option {path!r} is a table of options")
        return read_options(kind, value, path)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind in (int, float, str, bool) and type(value) is not kind:
        raise OptionError(f"option {path!r} is a {kind.__name__}, not {value!r}")
    if kind in (int, float) and value < 0:
        raise OptionError(f"option {path!r} is not negative")
    return value


def _is_required(part: Any) -> bool:
    return part.default is MISSING and part.default_factory is MISSING
