"""The prompt of a pair as a model version was trained to read it: at serving the same words as at training."""

from collections.abc import Mapping
from typing import Any

from catalog.models import ItemVersion
from catalog.selectors import item_fields
from relevance.prompt import PairFacts, render_prompt
from rules.models import Release
from rules.selectors import level_definitions, rule_lines, rulebook_for
from training_bridge.models import ModelVersion
from training_bridge.pictures import image_evidence_of
from training_bridge.snapshots.truth import RULES_IN_PROMPT


def prompts_for(
    query: Mapping[str, Any], versions: list[ItemVersion], model: ModelVersion, release: Release
) -> list[str]:
    """Bodies for one query (its fields) and item versions (payload at hand), in their order, under a release's rules."""
    rulebook = rulebook_for(release)
    definitions = level_definitions(release) if model.card.get("prompt", {}).get("definitions") else {}
    pictures = image_evidence_of([version.pk for version in versions], classifiers_named(model))
    bodies = []
    for version in versions:
        item = item_fields(version)
        resolution = rulebook.evaluate(query, item, trace=False)
        lines = rule_lines(release, resolution, RULES_IN_PROMPT) if resolution.firings else []
        facts = PairFacts.of(query, item, pictures.get(version.pk))
        bodies.append(render_prompt(facts, lines, definitions, model.verdict_position))
    return bodies


def classifiers_named(model: ModelVersion) -> str:
    """The blob of the picture classifiers whose evidence this model was trained to read; '' for colours alone."""
    return str(model.card.get("prompt", {}).get("classifiers") or "")
