"""The model server by HTTP: the same figures as in process, guarded and bounded."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.material import eval_rows
from training_bridge.trainer import models, server
from training_bridge.trainer.scoring import Scorer

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated and will be removed in v6:FutureWarning")
BODIES = [row["prompt"] for row in eval_rows(12, "test")]
Ask = Any


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    engine = server.Engine()
    served = server.make_server(0, "secret", engine)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_address[1]}"
    served.shutdown()
    served.server_close()
    engine.close()


def call(url: str, body: object = None, token: str = "secret") -> tuple[int, dict[str, Any]]:
    content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_same_as_in_process(address: str, trained: Path) -> None:
    model = str(trained / "model")
    scorer = Scorer(*models.load(model))
    for mode, expected in (("direct", scorer.direct(BODIES)), ("reasoned", scorer.reasoned(BODIES))):
        status, answer = call(f"{address}/score", {"model": model, "mode": mode, "prompts": BODIES})
        assert status == 200
        for found, one in zip(answer["results"], expected, strict=True):
            assert found["probabilities"] == pytest.approx(list(one.probabilities), abs=1e-5)
            assert (found["grade"], found["dimension"]) == (
                one.grade.name if one.grade else None,
                one.dimension,
            )
            assert found["reasoning"] == one.reasoning


def test_concurrent_requests_get_their_own_answers(address: str, trained: Path) -> None:
    model = str(trained / "model")
    alone = call(f"{address}/score", {"model": model, "prompts": BODIES})[1]["results"]

    def ask(index: int) -> dict[str, Any]:
        return call(f"{address}/score", {"model": model, "prompts": [BODIES[index]]})[1]["results"][0]

    with ThreadPoolExecutor(12) as pool:
        for found, expected in zip(pool.map(ask, range(12)), alone, strict=True):
            assert found["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-5)


def test_sampling_repeats_under_a_seed(address: str, trained: Path) -> None:
    body = {
        "model": str(trained / "model"),
        "prompts": BODIES[:2],
        "samples": 3,
        "temperature": 1.5,
        "seed": 7,
    }
    status, first = call(f"{address}/sample", body)
    assert status == 200 and [len(group) for group in first["results"]] == [3, 3]
    assert call(f"{address}/sample", body)[1]["results"] == first["results"]


def test_keeps_the_last_two_models(address: str, trained: Path, strangers: dict[str, Path]) -> None:
    for folder in (trained / "model", strangers["llama"], strangers["gpt2"]):
        assert call(f"{address}/score", {"model": str(folder), "prompts": BODIES[:1]})[0] == 200
    status, health = call(f"{address}/healthz")
    assert status == 200 and health["state"] == "ok"
    assert health["models"] == [str(strangers["llama"]), str(strangers["gpt2"])]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/score", {"model": "/nowhere", "prompts": ["a"]}, 404, "no_model"),
        ("/score", {"model": "", "prompts": ["a"]}, 422, "model"),
        ("/score", {"model": "m", "prompts": "a"}, 422, "prompts"),
        ("/score", {"model": "m", "prompts": ["a"] * 2001}, 422, "prompts"),
        ("/score", {"model": "m", "prompts": ["a" * 20_001]}, 422, "prompts"),
        ("/score", {"model": "m", "prompts": [], "mode": "loud"}, 422, "mode"),
        ("/sample", {"model": "m", "prompts": [], "samples": 99}, 422, "samples"),
        ("/sample", {"model": "m", "prompts": [], "temperature": 0}, 422, "temperature"),
        ("/score", b"{nonsense", 400, "json"),
        ("/score", [1], 400, "json"),
        ("/elsewhere", {"model": "m", "prompts": []}, 404, "not_found"),
    ],
)
def test_refusals(address: str, path: str, body: object, status: int, code: str) -> None:
    found, answer = call(f"{address}{path}", body)
    assert (found, answer["error"]["code"]) == (status, code)
    assert answer["error"]["message"]


def test_token_and_size(address: str) -> None:
    assert call(f"{address}/score", {"model": "m", "prompts": []}, token="other")[0] == 401
    request = urllib.request.Request(f"{address}/score", b"x", {"Content-Length": str(server.MAX_BODY + 1)})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 413
    refused.value.close()


def test_a_length_that_is_no_number_is_refused(address: str) -> None:
    with closing(http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)) as connection:
        connection.putrequest("POST", "/score")
        connection.putheader("Content-Length", "\xb2")  # a digit to str.isdigit, and no number
        connection.endheaders(b"x")
        with connection.getresponse() as answer:
            assert answer.status == 411


def test_a_broken_model_is_one_requests_failure(address: str, tmp_path: Path, trained: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert call(f"{address}/score", {"model": str(tmp_path), "prompts": ["a"]})[0] == 422
    assert call(f"{address}/score", {"model": str(trained / "model"), "prompts": BODIES[:1]})[0] == 200
