"""Asking a model: the four candidate verdicts by log-probability in one prefill, or a generated reasoning.

Prompts are bodies without a cue (relevance.prompt); batches are sorted by length, answers come back in the given order.
"""

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from relevance.grades import Grade, Verdict
from relevance.prompt import DIRECT_CUE, direct_prompt, reasoned_prompt
from relevance.reasoning import Reasoning, parse
from training_bridge.trainer.chat import as_text, is_chat, opening

if TYPE_CHECKING:
    import torch

_DIMENSION_TOKENS = 12


@dataclass(frozen=True)
class Scored:
    """One answer. `probabilities` of L1..L4 sum to 1; `grade` None says that the answer could not be read."""

    probabilities: tuple[float, float, float, float]
    grade: Grade | None
    dimension: str = ""
    reasoning: str | None = None


_UNREAD = (0.25, 0.25, 0.25, 0.25)


class Scorer:
    """A model and its tokenizer, asked in batches. Not safe to share between threads."""

    def __init__(self, model: Any, tokenizer: Any, *, position: str = "last", batch_size: int = 64) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.position = position
        self.batch_size = batch_size
        self._takes_positions = "position_ids" in inspect.signature(model.forward).parameters
        self._keeps = "logits_to_keep" in inspect.signature(model.forward).parameters

    def direct(self, prompts: Sequence[str]) -> list[Scored]:
        """The verdict right after the direct cue; for L2 the dimension that the model writes on with."""
        texts = [as_text(self.tokenizer, direct_prompt(prompt)) for prompt in prompts]
        scores = self.candidate_log_probs(texts)
        graded = [(softmax(row), Grade(1 + max(range(4), key=row.__getitem__))) for row in scores]
        mismatched = [index for index, (_, grade) in enumerate(graded) if grade == Grade.L2]
        named = dict(zip(mismatched, self._dimensions([texts[index] for index in mismatched]), strict=True))
        return [Scored(odds, grade, named.get(index, "")) for index, (odds, grade) in enumerate(graded)]

    def reasoned(self, prompts: Sequence[str], max_new_tokens: int = 160) -> list[Scored]:
        """A greedy reasoning, parsed. Its probabilities are those of the verdicts where the text states its own."""
        texts = [as_text(self.tokenizer, reasoned_prompt(prompt, self.position)) for prompt in prompts]
        written = [group[0] for group in self.generate(texts, max_new_tokens)]
        read = [parse(text.strip()) for text in written]
        stems = [
            text + said[: said.index("verdict:") + len("verdict:")]
            for text, said, one in zip(texts, written, read, strict=True)
            if isinstance(one, Reasoning)
        ]
        odds = iter([softmax(row) for row in self.candidate_log_probs(stems, " ")])
        return [_scored(one, said, odds) for one, said in zip(read, written, strict=True)]

    def sample(
        self, prompts: Sequence[str], count: int, temperature: float = 1.0, max_new_tokens: int = 160
    ) -> list[list[str]]:
        """`count` reasonings for each body, as raw text. Seed torch before for the same texts again."""
        texts = [as_text(self.tokenizer, reasoned_prompt(prompt, self.position)) for prompt in prompts]
        return self.generate(texts, max_new_tokens, count, temperature)

    def candidate_log_probs(self, texts: Sequence[str], gap: str | None = None) -> list[list[float]]:
        """Log-probabilities (N, 4) of '[L1' .. '[L4' after each text. One prefill where they differ in one last token."""
        candidates = self.candidates if gap is None else self._candidates(gap)
        shared = _shared(candidates)
        rest = [one[len(shared) :] for one in candidates]
        encoded = [self._encode(text) for text in texts]
        if all(len(one) == 1 for one in rest):
            return self._by_last_token(
                [ids + shared for ids in encoded], [one[0] for one in rest], len(shared)
            )
        return self.brute_force(encoded, candidates)

    @cached_property
    def candidates(self) -> list[list[int]]:
        """The token ids that open each of the four verdicts as a direct answer."""
        return self._candidates(opening(self.tokenizer))

    def brute_force(self, encoded: Sequence[list[int]], candidates: Sequence[list[int]]) -> list[list[float]]:
        """The same figures by one whole pass for each candidate: for tokenizers that split verdicts otherwise."""
        columns = [self._sequence_log_probs([ids + one for ids in encoded], len(one)) for one in candidates]
        return [list(row) for row in zip(*columns, strict=True)]

    def generate(
        self, texts: Sequence[str], max_new_tokens: int, count: int = 1, temperature: float = 0.0
    ) -> list[list[str]]:
        """`count` continuations of each text; greedy at temperature 0."""
        return self._continue([self._encode(text) for text in texts], max_new_tokens, count, temperature)

    def _continue(
        self, encoded: Sequence[list[int]], max_new_tokens: int, count: int = 1, temperature: float = 0.0
    ) -> list[list[str]]:
        import torch

        sampling: dict[str, Any] = {"do_sample": temperature > 0}
        if temperature:
            sampling |= {"temperature": temperature, "top_k": 0, "top_p": 1.0}
        answers: list[list[str]] = [[] for _ in encoded]
        for indexes in self._batches(encoded, max(1, self.batch_size // count)):
            ids, mask = self._padded([encoded[index] for index in indexes])
            with torch.inference_mode():
                out = self.model.generate(
                    input_ids=ids, attention_mask=mask, max_new_tokens=max_new_tokens, num_return_sequences=count,
                    pad_token_id=self._pad, **sampling,
                )  # fmt: skip
            texts = self.tokenizer.batch_decode(out[:, ids.shape[1] :], skip_special_tokens=True)
            for place, index in enumerate(indexes):
                answers[index] = texts[place * count : (place + 1) * count]
        return answers

    def _dimensions(self, texts: Sequence[str]) -> list[str]:
        """What the model writes on after '[L2', read as a verdict; '' where that is none."""
        if not texts:
            return []
        start = self.candidates[Grade.L2 - 1]
        ends = self._continue([self._encode(text) + start for text in texts], _DIMENSION_TOKENS)
        verdicts = (Verdict.parse(f"[L2{end[0].split(']')[0].strip()}]") for end in ends)
        return [verdict.dimension if verdict else "" for verdict in verdicts]

    def _by_last_token(
        self, encoded: Sequence[list[int]], last: Sequence[int], shared: int
    ) -> list[list[float]]:
        import torch

        scores: list[list[float]] = [[] for _ in encoded]
        for indexes in self._batches(encoded, self.batch_size):
            rows = [encoded[index] for index in indexes]
            log_probs, ids = self._log_probs(rows, shared + 1)
            before = torch.zeros(len(rows), dtype=torch.float64)
            for place in range(
                shared
            ):  # the shared opening counts for all four alike; kept so that figures are true
                token = ids[:, ids.shape[1] - shared + place]
                before += log_probs[torch.arange(len(rows)), place, token].double().cpu()
            ends = log_probs[:, -1, list(last)].double().cpu() + before[:, None]
            for index, row in zip(indexes, ends.tolist(), strict=True):
                scores[index] = row
        return scores

    def _sequence_log_probs(self, encoded: Sequence[list[int]], length: int) -> list[float]:
        scores = [0.0] * len(encoded)
        for indexes in self._batches(encoded, self.batch_size):
            log_probs, ids = self._log_probs([encoded[index] for index in indexes], length + 1)
            ends = ids[:, -length:]
            found = log_probs[:, :-1].gather(2, ends[..., None]).squeeze(2).double().sum(1)
            for index, value in zip(indexes, found.tolist(), strict=True):
                scores[index] = value
        return scores

    def _log_probs(self, rows: Sequence[list[int]], keep: int) -> "tuple[torch.Tensor, torch.Tensor]":
        """(B, keep, V) log-probabilities of what follows each of the last `keep` tokens, and the padded ids (B, T)."""
        import torch

        ids, mask = self._padded(rows)
        extra: dict[str, Any] = {"logits_to_keep": keep} if self._keeps else {}
        if self._takes_positions:
            extra["position_ids"] = (mask.cumsum(1) - 1).clamp(min=0)
        with torch.inference_mode():
            logits = self.model(input_ids=ids, attention_mask=mask, use_cache=False, **extra).logits
        return logits[:, -keep:].float().log_softmax(-1), ids

    def _padded(self, rows: Sequence[list[int]]) -> "tuple[torch.Tensor, torch.Tensor]":
        import torch

        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self._pad, dtype=torch.long)
        mask = torch.zeros((len(rows), width), dtype=torch.long)
        for place, row in enumerate(rows):
            ids[place, width - len(row) :] = torch.tensor(row)
            mask[place, width - len(row) :] = 1
        return ids.to(self.model.device), mask.to(self.model.device)

    def _batches(self, encoded: Sequence[list[int]], size: int) -> Iterator[list[int]]:
        order = sorted(range(len(encoded)), key=lambda index: len(encoded[index]))
        for start in range(0, len(order), size):
            yield order[start : start + size]

    @property
    def _pad(self) -> int:
        pad = self.tokenizer.pad_token_id
        return int(pad if pad is not None else self.tokenizer.eos_token_id)

    def _encode(self, text: str) -> list[int]:
        ids = self.tokenizer(text, add_special_tokens=not is_chat(self.tokenizer))["input_ids"]
        return list(ids)

    def _candidates(self, gap: str) -> list[list[int]]:
        """Ids of gap + '[Lk' as they follow a prompt: the part that '[Lk]' and '[Lk-x]' have in common.

        Where a tokenizer's merges leave nothing that tells the four apart, the closed verdicts '[Lk]' themselves.
        """
        closed = [self._after_prompt(f"{gap}[{grade.name}]") for grade in Grade]
        named = [self._after_prompt(f"{gap}[{grade.name}-colour]") for grade in Grade]
        opened = [_shared(pair) for pair in zip(closed, named, strict=True)]
        return opened if len({tuple(one) for one in opened}) == len(Grade) else closed

    def _after_prompt(self, completion: str) -> list[int]:
        probe = DIRECT_CUE
        plain = self.tokenizer(probe, add_special_tokens=False)["input_ids"]
        whole = self.tokenizer(probe + completion, add_special_tokens=False)["input_ids"]
        if whole[: len(plain)] == plain and len(whole) > len(plain):
            return list(whole[len(plain) :])
        return list(self.tokenizer(completion, add_special_tokens=False)["input_ids"])


def softmax(scores: Sequence[float]) -> tuple[float, float, float, float]:
    """Four log-probabilities as shares that sum to 1."""
    top = max(scores)
    parts = [math.exp(score - top) for score in scores]
    total = sum(parts)
    one, two, three, four = (part / total for part in parts)
    return one, two, three, four


def _scored(read: object, said: str, odds: Iterator[tuple[float, float, float, float]]) -> Scored:
    if not isinstance(read, Reasoning) or read.verdict is None:
        return Scored(_UNREAD, None, "", said)
    return Scored(next(odds), read.verdict.grade, read.verdict.dimension, said.strip())


def _shared(lists: Sequence[list[int]]) -> list[int]:
    columns = takewhile(lambda column: len(set(column)) == 1, zip(*lists, strict=False))
    return [column[0] for column in columns]
