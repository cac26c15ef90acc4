"""The first reasonings people rank: written by the synthesiser from each pair's own facts, before there is a model."""

from typing import Any

from annotation.models import Campaign
from annotation.selectors import release_in_force
from annotation.selectors.releases import dimensions_of
from annotation.services.ranking_lists import ranking_campaign_ready, ranking_lists_add
from catalog.models import Pair
from catalog.selectors import item_fields, query_fields
from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts
from relevance.reasoning import Reasoning, render
from rules.engine import Rulebook
from rules.models import Release
from rules.selectors import rule_lines, rulebook_for
from training_bridge.snapshots.truth import RULES_IN_PROMPT
from training_bridge.synthesis.variants import About, guess_verdict, variants_of, verdict_at
from webapp.common.jobs import JobContext

CHUNK = 50
AUTHOR = "synthesiser"


def variants_write(ctx: JobContext) -> dict[str, Any]:
    """Fill a ranking campaign (`campaign`) with lists about `pairs`, each of `variants` reasonings; then open it.

    Safe to run twice: a pair that has its list is passed over.
    """
    arguments = ctx.arguments
    campaign = Campaign.objects.select_related("corpus").get(pk=arguments["campaign"])
    release = release_in_force(campaign.corpus)
    rulebook, ids, made = rulebook_for(release), list(arguments["pairs"]), 0
    for start in range(0, len(ids), CHUNK):
        pairs = _pairs(ids[start : start + CHUNK])
        lists = [(pair, contents_of(pair, rulebook, release, arguments["variants"])) for pair in pairs]
        with ctx.fenced():
            made += ranking_lists_add(
                campaign=campaign, lists=[row for row in lists if len(row[1]) > 1], release=release
            )
        ctx.progress(min(start + CHUNK, len(ids)), len(ids), "writing reasonings")
    with ctx.fenced():
        ranking_campaign_ready(campaign=campaign, opens=bool(arguments.get("open")), actor=ctx.actor)
    return {"campaign": campaign.pk, "lists": made}


def _pairs(ids: list[int]) -> list[Pair]:
    rows = Pair.objects.filter(pk__in=ids, item__current__isnull=False)
    return list(
        rows.select_related("query", "item__current__payload", "settled", "corpus").order_by("query_id", "pk")
    )


def contents_of(pair: Pair, rulebook: Rulebook, release: Release, count: int) -> list[dict[str, Any]]:
    """Contents for `reasonings_ensure`: `count` variants around what is settled, else what the rules or the words say."""
    assert pair.item.current is not None
    query, item = query_fields(pair.query), item_fields(pair.item.current)
    resolution = rulebook.evaluate(query, item, trace=False)
    lines = rule_lines(release, resolution, RULES_IN_PROMPT) if resolution.firings else []
    about = About(PairFacts.of(query, item), dimensions_of(release))
    settled = getattr(pair, "settled", None)
    dimension = settled.dimension if settled is not None and settled.dimension != "unstated" else ""
    if settled is not None:
        verdict = Verdict(Grade(settled.grade), dimension)
    elif resolution.grade:
        verdict = Verdict(resolution.grade, resolution.dimension)
    else:
        verdict = guess_verdict(about)
    if verdict.grade == Grade.L2 and not verdict.dimension:
        verdict = verdict_at(Grade.L2, about)  # an import need not name what conflicts; a reasoning does
    return [_content(one) for one in variants_of(about, lines, verdict, count, f"variants:{pair.pk}")]


def _content(reasoning: Reasoning) -> dict[str, Any]:
    assert reasoning.verdict is not None
    return {
        "steps": dict(reasoning.steps), "grade": int(reasoning.verdict.grade), "dimension": reasoning.verdict.dimension,
        "rules_cited": list(reasoning.rules_cited), "raw": render(reasoning), "author_kind": "synthesiser",
        "author_name": AUTHOR,
    }  # fmt: skip
