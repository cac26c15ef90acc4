"""The one way to the model server: HTTP in chunks, with what to do when it does not answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from relevance.grades import Grade
from training_bridge.models import ModelVersion
from webapp.common.errors import Unavailable

CHUNKS = {"direct": 256, "reasoned": 64}  # a request should end well within its timeout on two cores
TIMEOUT = httpx.Timeout(120.0, connect=3.0)


@dataclass(frozen=True)
class Scored:
    """One answer: probabilities of L1..L4, the grade (None: unparsable), the dimension, the reasoning if asked for."""

    probabilities: tuple[float, float, float, float]
    grade: Grade | None
    dimension: str = ""
    reasoning: str = ""


def score(
    prompts: Sequence[str],
    model: ModelVersion,
    mode: str = "direct",
    on_chunk: Callable[[int], None] = lambda done: None,
) -> list[Scored]:
    """Answers in the order of the prompts. Raises Unavailable when the server is down, busy, or cannot load the model."""
    found: list[Scored] = []
    with httpx.Client(base_url=settings.MODEL_SERVER_URL, timeout=TIMEOUT, headers=_headers()) as client:
        for chunk in _chunks(prompts, CHUNKS[mode]):
            body = {"model": model.folder, "mode": mode, "prompts": list(chunk)}
            found += [_scored(row) for row in _ask(client, body)["results"]]
            on_chunk(len(found))
    if len(found) != len(prompts):
        raise Unavailable(
            f"The model server answered {len(found)} of {len(prompts)} prompts.", code="model_server"
        )
    return found


def server_down() -> str:
    """Why the model server does not answer, in a few words; '' while it is up."""
    try:
        httpx.get(f"{settings.MODEL_SERVER_URL}/healthz", timeout=2.0).raise_for_status()
    except httpx.HTTPError as error:
        return str(error)[:200]
    return ""


def _headers() -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.MODEL_SERVER_TOKEN}"}


def _ask(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    try:
        response = client.post("/score", json=body)
        answer = response.json()
    except httpx.TimeoutException as error:
        raise Unavailable(
            f"The model server at {settings.MODEL_SERVER_URL} did not answer in time. Ask for fewer items, or try again.",
            code="model_server_busy",
        ) from error
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(
            f"The model server at {settings.MODEL_SERVER_URL} is not reachable. It comes with `make demo`; by itself: "
            "python -m training_bridge.trainer serve --port PORT --token-file FILE, with LORE_MODEL_SERVER_URL set.",
            code="model_server_down",
        ) from error
    if not response.is_success:
        said = (answer.get("error") or {}).get("message", response.reason_phrase)
        raise Unavailable(f"The model server refused: {said}", code="model_server_refused")
    return dict(answer)


def _scored(row: dict[str, Any]) -> Scored:
    one, two, three, four = (float(value) for value in row["probabilities"])
    grade = Grade.parse(row["grade"]) if row.get("grade") else None
    return Scored(
        (one, two, three, four), grade, str(row.get("dimension") or ""), str(row.get("reasoning") or "")
    )


def _chunks(prompts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (prompts[start : start + size] for start in range(0, len(prompts), size))
