"""One training row: a prompt with its cue and the completion that answers it."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from relevance.grades import Verdict
from relevance.prompt import PairFacts, RuleLine, direct_prompt, reasoned_prompt, render_prompt
from relevance.reasoning import STEPS, Reasoning, render
from training_bridge.synthesis.reasonings import build_reasoning

Stage = Literal["knowledge", "visual", "rules", "judged"]


class SftRow(TypedDict):
    """A row of sft.jsonl."""

    prompt: str
    completion: str
    stage: str
    pair: str | None
    mode: str
    grade: str


class GrpoRow(TypedDict):
    """A row of grpo.jsonl: the prompt of the reasoned cue and the truth that rewards are measured by."""

    prompt: str
    grade: str
    dimension: str
    steps: dict[str, str]
    rules: list[str]
    pair: str | None
    reference: str


def sft_row(
    body: str, reasoning: Reasoning, stage: Stage, pair: str | None, mode: str, position: str
) -> SftRow:
    """`mode` direct: the verdict alone; reasoned: the whole text. The completion opens with a space or a line break."""
    grade = reasoning.verdict.grade.name if reasoning.verdict else ""
    if mode == "direct":
        prompt, completion = direct_prompt(body), f" {reasoning.verdict}"
    else:
        prompt, completion = reasoned_prompt(body, position), "\n" + render(reasoning, position)
    return SftRow(prompt=prompt, completion=completion, stage=stage, pair=pair, mode=mode, grade=grade)


def judged_rows(
    facts: PairFacts,
    rules: Sequence[RuleLine],
    definitions: Mapping[str, str],
    verdict: Verdict,
    pair: str,
    *,
    stage: Stage = "judged",
    position: str = "last",
    modes: Sequence[str] = ("direct", "reasoned"),
) -> list[SftRow]:
    """The rows of one judged pair: with stage 'rules' where firings settle it, 'visual' where the picture does."""
    body = render_prompt(facts, rules, definitions, position)
    reasoning = build_reasoning(facts, rules, verdict)
    return [sft_row(body, reasoning, stage, pair, mode, position) for mode in modes]


def grpo_row(
    facts: PairFacts,
    rules: Sequence[RuleLine],
    definitions: Mapping[str, str],
    verdict: Verdict,
    pair: str,
    *,
    position: str = "last",
) -> GrpoRow:
    """A verifiable prompt: the truth of each step, of the verdict and of the rules to cite."""
    reasoning = build_reasoning(facts, rules, verdict)
    return GrpoRow(
        prompt=reasoned_prompt(render_prompt(facts, rules, definitions, position), position),
        grade=verdict.grade.name,
        dimension=verdict.dimension,
        steps={name: reasoning.steps[name] for name in STEPS},
        rules=list(reasoning.rules_cited),
        pair=pair,
        reference="\n" + render(reasoning, position),
    )
