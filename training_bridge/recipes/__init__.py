"""Recipes: what one turn trains, as small TOML files beside this module. Pure; an unknown key is an error that names it."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from relevance.reasoning import POSITIONS
from training_bridge.trainer.options import (
    DpoOptions,
    EvaluateOptions,
    GrpoOptions,
    OptionError,
    SftOptions,
    read_options,
)

FOLDER = Path(__file__).parent
STAGES = ("sft", "dpo", "grpo")


@dataclass(frozen=True)
class RowOptions:
    """How the rows of a run are made: each judged pair `plain` times as it is, and in `copies` renamed copies; at most
    `visual` rows of what only pictures show; with `definitions`, prompts carry those of the levels.

    `noise` is the share of a copy's other words that are exchanged, too: with few judged queries a small model that sees
    pairs as they are learns them by heart (docs/experiments.md). `balance` draws rare grades more often: 0 as they come, 1
    all alike.
    """

    knowledge: int = 3000
    visual: int = 500
    copies: int = 3
    plain: int = 0
    noise: float = 0.7
    balance: float = 0.3
    reasoned_share: float = 0.34
    definitions: bool = False


@dataclass(frozen=True)
class Recipe:
    """One turn: the stages in their order, each with its options; the others keep their defaults unused."""

    name: str
    description: str = ""
    base_model: str = "tiny"
    stages: tuple[str, ...] = ("sft", "dpo")
    seed: int = 0
    verdict_position: str = "last"
    promote: bool = True
    rows: RowOptions = field(default_factory=RowOptions)
    sft: SftOptions = field(default_factory=SftOptions)
    dpo: DpoOptions = field(default_factory=DpoOptions)
    grpo: GrpoOptions = field(default_factory=GrpoOptions)
    evaluate: EvaluateOptions = field(default_factory=EvaluateOptions)

    def stage_options(self, method: str) -> dict[str, Any]:
        """The options of one method ('sft', 'dpo', 'grpo', 'evaluate') as config.json takes them for 'recipe'."""
        options: dict[str, Any] = asdict(getattr(self, method))
        return options

    def as_dict(self) -> dict[str, Any]:
        """For storing beside a turn; `read_recipe` takes it back."""
        return {**asdict(self), "stages": list(self.stages)}


def recipe_names() -> list[str]:
    """The recipes that ship, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_recipe(name: str) -> Recipe:
    """A recipe by name, or by the path of a .toml file. Raises OptionError naming what is wrong."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{Path(name).name}.toml"
    if not path.is_file():
        raise OptionError(f"no recipe {name!r}; there are {', '.join(recipe_names())}")
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{path.name}: {error}") from error
    return read_recipe({"name": path.stem, **given})


def read_recipe(given: Mapping[str, Any]) -> Recipe:
    """A recipe out of a mapping. Raises OptionError for an unknown key, stage, or position."""
    content = dict(given)
    stages = content.pop("stages", None)
    recipe = read_options(Recipe, content)
    if stages is not None:
        unknown = [stage for stage in stages if stage not in STAGES]
        if unknown or not stages:
            raise OptionError(f"stages are some of {', '.join(STAGES)}, not {stages!r}")
        recipe = read_options(Recipe, {**content, "stages": tuple(stages)})
    if recipe.verdict_position not in POSITIONS:
        raise OptionError(f"verdict_position is 'last' or 'first', not {recipe.verdict_position!r}")
    return recipe
