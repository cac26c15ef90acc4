"""The model server: the only process that scores for the site. Loopback HTTP, bearer token, concurrent requests batched.

    POST /score    {"model": path, "mode": "direct"|"reasoned", "prompts": [...]} -> {"results": [...], "seconds": s}
    POST /sample   {"model": path, "prompts": [...], "samples": n, "temperature": t, "seed": s} -> {"results": [[text]]}
    GET  /healthz  {"state": "ok", "models": [...], "waiting": n}

One thread owns torch: requests wait in a queue, those for the same model and mode are scored together.
"""

import hmac
import json
import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeout
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from training_bridge.trainer import models
from training_bridge.trainer.saving import read_facts
from training_bridge.trainer.scoring import Scored, Scorer

log = logging.getLogger(__name__)
MAX_BODY = 8 * 1024 * 1024
MAX_PROMPTS = 2000
MAX_PROMPT_CHARACTERS = 20_000
MAX_SAMPLES = 16
_KEPT_MODELS = 2
_GATHER_SECONDS = 0.004
_GATHER_PROMPTS = 512
_ANSWER_SECONDS = 600.0


class Refusal(Exception):
    """A request that is answered with an error; `code` is stable, `message` is for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Ask:
    """What one request wants of a model. Requests with the same key are answered in one batch."""

    kind: str
    model: str
    prompts: tuple[str, ...]
    samples: int = 1
    temperature: float = 1.0
    seed: int | None = None
    answer: "Future[list[Any]]" = field(default_factory=Future, compare=False)

    @property
    def key(self) -> tuple[Any, ...]:
        apart = id(self) if self.kind == "sample" else 0
        return self.kind, self.model, apart


class Engine:
    """Loads models on demand, the last two kept, and answers asks one batch at a time on its own thread."""

    def __init__(self, batch_size: int = 64) -> None:
        self.batch_size = batch_size
        self._asks: queue.Queue[Ask | None] = queue.Queue()
        self._held: OrderedDict[str, tuple[float, Scorer]] = OrderedDict()
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._asks.qsize()

    @property
    def loaded(self) -> list[str]:
        return list(self._held)

    def ask(self, ask: Ask, timeout: float = _ANSWER_SECONDS) -> list[Any]:
        """The answer, in the order of the prompts. Raises Refusal for a model that cannot be loaded, or after `timeout`."""
        self._asks.put(ask)
        try:
            return ask.answer.result(timeout)
        except WaitTimeout:
            ask.answer.cancel()
            raise Refusal(503, "busy", f"no answer within {timeout:.0f} s") from None

    def close(self) -> None:
        self._asks.put(None)
        self._thread.join(timeout=30)

    def _work(self) -> None:
        models.set_up_torch()
        left: list[Ask] = []
        while True:
            first = left.pop(0) if left else self._asks.get()
            if first is None:
                return
            same, left, ended = self._gather(first, left)
            self._answer(same)
            if ended:
                return

    def _gather(self, first: Ask, left: list[Ask]) -> tuple[list[Ask], list[Ask], bool]:
        """The asks that can share a batch with the first, those that cannot, and whether the end was asked for."""
        until = time.monotonic() + _GATHER_SECONDS
        same = [first, *(ask for ask in left if ask.key == first.key)]
        other = [ask for ask in left if ask.key != first.key]
        while sum(len(ask.prompts) for ask in same) < _GATHER_PROMPTS:
            try:
                ask = self._asks.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if ask is None:
                return same, other, True
            (same if ask.key == first.key else other).append(ask)
        return same, other, False

    def _answer(self, asks: Sequence[Ask]) -> None:
        asks = [ask for ask in asks if ask.answer.set_running_or_notify_cancel()]
        if not asks:
            return
        try:
            results = self._score(asks[0], [prompt for ask in asks for prompt in ask.prompts])
        except Exception as error:  # the thread must outlive any model's failure; the asker gets it
            log.exception("a batch of %s failed", asks[0].kind)
            for ask in asks:
                ask.answer.set_exception(error)
            return
        start = 0
        for ask in asks:
            ask.answer.set_result(results[start : start + len(ask.prompts)])
            start += len(ask.prompts)

    def _score(self, ask: Ask, prompts: Sequence[str]) -> list[Any]:
        scorer = self._scorer(ask.model)
        if ask.kind == "sample":
            return self._sample(scorer, ask)
        found = scorer.direct(prompts) if ask.kind == "direct" else scorer.reasoned(prompts)
        return [as_json(one) for one in found]

    def _sample(self, scorer: Scorer, ask: Ask) -> list[Any]:
        from transformers import set_seed

        if ask.seed is not None:
            set_seed(ask.seed)
        return list(scorer.sample(ask.prompts, ask.samples, ask.temperature))

    def _scorer(self, path: str) -> Scorer:
        """From memory, or loaded; a folder written anew since is loaded again."""
        config = Path(path) / "config.json"
        if not config.is_file():
            self._held.pop(path, None)
            raise Refusal(404, "no_model", f"no model at {path}")
        written = config.stat().st_mtime
        held = self._held.get(path)
        if held is None or held[0] != written:
            try:
                model, tokenizer = models.load(path)
            except (OSError, ValueError) as error:
                raise Refusal(422, "bad_model", f"the model at {path} does not load: {error}") from error
            position = str(read_facts(path).get("verdict_position") or "last")
            held = (written, Scorer(model, tokenizer, position=position, batch_size=self.batch_size))
            self._held[path] = held
        self._held.move_to_end(path)
        while len(self._held) > _KEPT_MODELS:
            self._held.popitem(last=False)
        return held[1]


def as_json(scored: Scored) -> dict[str, Any]:
    """One result as the API gives it."""
    return {
        "probabilities": list(scored.probabilities),
        "grade": scored.grade.name if scored.grade else None,
        "dimension": scored.dimension,
        "reasoning": scored.reasoning,
    }


def read_ask(path: str, body: Mapping[str, Any]) -> Ask:
    """Check a request's body. Raises Refusal(422) naming the field."""
    model, prompts = body.get("model"), body.get("prompts")
    if not isinstance(model, str) or not model:
        raise Refusal(422, "model", "model is the path of a model folder")
    if not isinstance(prompts, list) or not all(isinstance(prompt, str) for prompt in prompts):
        raise Refusal(422, "prompts", "prompts is a list of texts")
    if len(prompts) > MAX_PROMPTS or any(len(prompt) > MAX_PROMPT_CHARACTERS for prompt in prompts):
        raise Refusal(
            422,
            "prompts",
            f"at most {MAX_PROMPTS} prompts of {MAX_PROMPT_CHARACTERS} characters in one request",
        )
    if path == "/sample":
        return _read_sample(body, model, tuple(prompts))
    mode = body.get("mode", "direct")
    if mode not in ("direct", "reasoned"):
        raise Refusal(422, "mode", "mode is 'direct' or 'reasoned'")
    return Ask(mode, model, tuple(prompts))


def _read_sample(body: Mapping[str, Any], model: str, prompts: tuple[str, ...]) -> Ask:
    samples, temperature, seed = body.get("samples", 1), body.get("temperature", 1.0), body.get("seed")
    if type(samples) is not int or not 1 <= samples <= MAX_SAMPLES:
        raise Refusal(422, "samples", f"samples is a whole number from 1 to {MAX_SAMPLES}")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 0 < temperature <= 5:
        raise Refusal(422, "temperature", "temperature is above 0 and at most 5")
    if seed is not None and type(seed) is not int:
        raise Refusal(422, "seed", "seed is a whole number")
    return Ask("sample", model, prompts, samples, float(temperature), seed)


def make_server(port: int, token: str, engine: Engine, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """A server bound to `host`:`port` (0: any free one), not yet serving. Raises OSError where the port is taken."""
    server = ThreadingHTTPServer(
        (host, port), type("Requests", (Requests,), {"token": token, "engine": engine})
    )
    server.daemon_threads = True
    return server


class Requests(BaseHTTPRequestHandler):
    """One connection; every answer is JSON, an error as {"error": {"code", "message"}}."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    token: str
    engine: Engine

    def do_GET(self) -> None:
        self._run(self._health)

    def do_POST(self) -> None:
        self._run(self._post)

    def _health(self) -> dict[str, Any]:
        if self.path != "/healthz":
            raise Refusal(404, "not_found", f"nothing at {self.path}")
        return {"state": "ok", "models": self.engine.loaded, "waiting": self.engine.waiting}

    def _post(self) -> dict[str, Any]:
        body = self._body()
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            raise Refusal(401, "token", "a bearer token is needed")
        if self.path not in ("/score", "/sample"):
            raise Refusal(404, "not_found", f"nothing at {self.path}")
        ask = read_ask(self.path, _read_json(body))
        started = time.monotonic()
        return {"results": self.engine.ask(ask), "seconds": round(time.monotonic() - started, 4)}

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.close_connection = True
            raise Refusal(411, "length", "Content-Length is needed")
        if int(length) > MAX_BODY:
            self.close_connection = True
            raise Refusal(413, "too_large", f"a request holds at most {MAX_BODY} bytes")
        return self.rfile.read(int(length))

    def _run(self, answer: Callable[[], dict[str, Any]]) -> None:
        try:
            self._send(200, answer())
        except Refusal as refusal:
            self._send(refusal.status, {"error": {"code": refusal.code, "message": str(refusal)}})
        except OSError:
            self.close_connection = True  # the asker has gone: there is nobody to answer
        except Exception as error:  # noqa: BLE001 — a model's failure is this request's, not the server's
            self._send(500, {"error": {"code": "failed", "message": f"{type(error).__name__}: {error}"}})

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError as error:
        raise Refusal(400, "json", f"the body is no JSON: {error}") from None
    if not isinstance(read, dict):
        raise Refusal(400, "json", "the body is a JSON object")
    return read
