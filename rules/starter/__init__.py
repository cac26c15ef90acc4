"""Starter rulebooks that ship with the workbench, one YAML file each."""

from importlib import resources
from typing import Any

import yaml


def names() -> list[str]:
    """The starter rulebooks there are."""
    return sorted(
        f.name.removesuffix(".yaml") for f in resources.files(__name__).iterdir() if f.name.endswith(".yaml")
    )


def load(name: str) -> dict[str, Any]:
    """One starter rulebook:

    {"name", "tables", "rules"}, the rules in JSON form. Raises KeyError for an unknown name.
    """
    if name not in names():
        raise KeyError(name)
    found = yaml.safe_load(resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found
