"""Scoring: one prefill equals the brute force, whatever the tokenizer; what cannot be read is counted."""

import random
from pathlib import Path

import pytest

from relevance.grades import Grade
from relevance.prompt import direct_prompt
from tests.trainer.material import eval_rows
from training_bridge.trainer import models
from training_bridge.trainer.chat import as_text
from training_bridge.trainer.scoring import Scorer, softmax

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated and will be removed in v6:FutureWarning")
BODIES = [row["prompt"] for row in eval_rows(9, "test")]


def by_hand(scorer: Scorer, text: str, candidate: list[int]) -> float:
    """Log-probability of the candidate's tokens, one unpadded pass."""
    import torch

    ids = scorer._encode(text) + candidate
    with torch.inference_mode():
        table = scorer.model(input_ids=torch.tensor([ids])).logits[0].float().log_softmax(-1)
    start = len(ids) - len(candidate)
    return sum(float(table[start - 1 + place, token]) for place, token in enumerate(candidate))


@pytest.mark.parametrize("name", ["tiny", "llama", "gpt2"])
def test_direct_equals_brute_force(name: str, trained: Path, strangers: dict[str, Path]) -> None:
    folder = trained / "model" if name == "tiny" else strangers[name]
    scorer = Scorer(*models.load(str(folder)), batch_size=4)
    assert len({tuple(one) for one in scorer.candidates}) == 4
    texts = [as_text(scorer.tokenizer, direct_prompt(body)) for body in BODIES]
    quick = scorer.candidate_log_probs(texts)
    slow = scorer.brute_force([scorer._encode(text) for text in texts], scorer.candidates)
    for text, one, other in zip(texts, quick, slow, strict=True):
        exact = [by_hand(scorer, text, candidate) for candidate in scorer.candidates]
        assert one == pytest.approx(exact, abs=2e-4)
        assert other == pytest.approx(exact, abs=2e-4)
    for scored, row in zip(scorer.direct(BODIES), quick, strict=True):
        assert scored.probabilities == pytest.approx(softmax(row), abs=1e-5)
        assert scored.grade == Grade(1 + max(range(4), key=row.__getitem__))


def test_tiny_scores_in_one_prefill(trained: Path) -> None:
    scorer = Scorer(*models.load(str(trained / "model")))
    assert len({len(one) for one in scorer.candidates}) == 1
    assert len({one[-1] for one in scorer.candidates}) == 4
    assert len({tuple(one[:-1]) for one in scorer.candidates}) == 1


def test_order_and_batching_do_not_matter(trained: Path) -> None:
    scorer = Scorer(*models.load(str(trained / "model")), batch_size=2)
    order = list(range(len(BODIES)))
    random.Random(1).shuffle(order)
    plain, shuffled = scorer.direct(BODIES), scorer.direct([BODIES[index] for index in order])
    for place, index in enumerate(order):
        assert shuffled[place].probabilities == pytest.approx(plain[index].probabilities, abs=1e-5)
    assert scorer.direct([]) == [] and scorer.reasoned([]) == []


def test_reasoned_is_parsed_or_unread(trained: Path, strangers: dict[str, Path]) -> None:
    learnt = Scorer(*models.load(str(trained / "model"))).reasoned(BODIES)
    assert any(one.grade is not None for one in learnt)
    for one in learnt:
        assert one.reasoning and sum(one.probabilities) == pytest.approx(1)
    fresh = Scorer(*models.load(str(strangers["gpt2"]))).reasoned(BODIES, 20)
    assert all(one.grade is None and one.probabilities == (0.25,) * 4 for one in fresh)


def test_samples_differ_and_repeat_under_a_seed(trained: Path) -> None:
    from transformers import set_seed

    scorer = Scorer(*models.load(str(trained / "model")))
    set_seed(1)
    first = scorer.sample(BODIES[:3], 4, 1.5, 30)
    set_seed(1)
    assert scorer.sample(BODIES[:3], 4, 1.5, 30) == first
    assert [len(group) for group in first] == [4, 4, 4]
    assert len(set(first[0])) > 1
