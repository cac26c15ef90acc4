"""A shop with a champion, and a model server at the process edge that answers over real HTTP."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rules.models import Release
from tests.training_bridge.conftest import judged, release
from training_bridge.models import Alias, ModelVersion
from webapp.common.models import Corpus

__all__ = ["judged", "release"]


class FakeModelServer:
    """Grades L4 where the prompt's item is of the asked words, else L1; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refuses = False
        self.reasoned_grade = ""
        fake = self

        class Requests(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.headers["Authorization"] == "Bearer secret"
                fake.asked.append(body)
                refusal = {"error": {"code": "bad_model", "message": "it does not load"}}
                answer = refusal if fake.refuses else fake.answer(body)
                content = json.dumps(answer).encode()
                self.send_response(422 if fake.refuses else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"results": [self._one(prompt, body["mode"]) for prompt in body["prompts"]]}

    def _one(self, prompt: str, mode: str) -> dict[str, Any]:
        lines = dict(line.split(": ", 1) for line in prompt.splitlines() if ": " in line)
        good = set(lines["query"].casefold().split()) <= set(lines["item"].casefold().split())
        odds = [0.1, 0.1, 0.1, 0.7] if good else [0.7, 0.1, 0.1, 0.1]
        said, grade = ("five steps", self.reasoned_grade) if mode == "reasoned" else (None, "")
        grade = grade or ("L4" if good else "L1")
        return {"probabilities": odds, "grade": grade, "dimension": "", "reasoning": said}


@pytest.fixture
def model_server(settings: Any) -> Iterator[FakeModelServer]:
    fake = FakeModelServer()
    settings.MODEL_SERVER_URL, settings.MODEL_SERVER_TOKEN = fake.url, "secret"
    yield fake
    fake.server.shutdown()
    fake.server.server_close()


@pytest.fixture
def champion(judged: Corpus, release: Release) -> ModelVersion:
    model = ModelVersion.objects.create(
        corpus=judged, number=1, release=release, uri="/models/1", content_hash="1", template_version="r1"
    )
    Alias.objects.create(corpus=judged, name="champion", model_version=model)
    return model
