"""A small client for the LORE Workbench's API: the standard library alone, one file to copy.

    lore = Lore("https://lore.example.org", "shop", key="lore_...")
    for subject in lore.subjects(campaign=7):
        lore.judge(7, subject, "L4")

Answers carry an idempotency key, so a request that is sent twice counts once: lost connections and answers of 5xx are tried
again, with growing pauses.
"""

import json
import mimetypes
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TRIES = 4


class LoreError(Exception):
    """The server refused: `status`, a machine-readable `code`, and what else it said in `body`."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        error = body.get("error", {})
        super().__init__(f"{status} {error.get('code', '')}: {error.get('message', '')}")
        self.status, self.code, self.body = status, error.get("code", ""), error


class Lore:
    """One corpus, seen through one API key (made under *Account*; it acts with one role)."""

    def __init__(self, url: str, corpus: str, key: str) -> None:
        self.root, self.key = url.rstrip("/"), key
        self.base = f"{self.root}/api/v1/corpora/{corpus}/"

    # ---------------------------------------------------------------- requests

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request below the corpus (or to an absolute path); the parsed answer. Raises LoreError."""
        data = None if body is None else json.dumps(body).encode()
        answer = self._open(method, path, data, "application/json", query)
        return json.loads(answer) if answer else None

    def _open(self, method: str, path: str, data: bytes | None, kind: str, query: dict[str, Any]) -> bytes:
        url = self.root + path if path.startswith("/") else self.base + path
        given = {name: value for name, value in query.items() if value not in (None, "", False)}
        url += f"?{urlencode(given)}" if given else ""
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json", "Content-Type": kind}
        for attempt in range(TRIES):
            try:
                with urllib.request.urlopen(
                    urllib.request.Request(url, data, headers, method=method)
                ) as answer:
                    return bytes(answer.read())
            except urllib.error.HTTPError as error:
                if error.code < 500 or attempt == TRIES - 1:
                    raise LoreError(error.code, _parsed(error.read())) from error
            except (urllib.error.URLError, ConnectionError):
                if attempt == TRIES - 1:
                    raise
            time.sleep(0.5 * 2**attempt)
        raise AssertionError("not reached")

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every row of a list, page after page."""
        after = ""
        while True:
            page = self.send("GET", path, after=after, **query)
            yield from page["results"]
            after = page["next"]
            if not after:
                return

    # ---------------------------------------------------------------- judging and ranking

    def subjects(self, campaign: int) -> Iterator[dict[str, Any]]:
        """Subjects one after the other, until nothing is left for this person; answer or skip each one."""
        while found := self.next(campaign):
            yield found[0]

    def next(self, campaign: int, count: int = 1, have: tuple[int, ...] = ()) -> list[dict[str, Any]]:
        asked = {"count": count, "have": list(have)}
        return list(self.send("POST", f"campaigns/{campaign}/next/", asked)["subjects"])

    def judge(self, campaign: int, subject: dict[str, Any], grade: str, **said: Any) -> dict[str, Any]:
        """Send a verdict: dimension, comment, rules_cited, picture_decided, disagreement, seconds."""
        shown = [rule["code"] for rule in subject["rules"]]
        body = {**self._answer(subject), "grade": grade, "rules_shown": shown, **said}
        return dict(self.send("POST", f"campaigns/{campaign}/judgments/", body))

    def rank(
        self, campaign: int, subject: dict[str, Any], tiers: list[list[int]], **said: Any
    ) -> dict[str, Any]:
        """Send an order of a list's reasonings, best tier first; a tier of several is a tie."""
        body = {**self._answer(subject), "tiers": tiers, **said}
        return dict(self.send("POST", f"campaigns/{campaign}/rankings/", body))

    def undo(self, campaign: int) -> dict[str, Any]:
        return dict(self.send("POST", f"campaigns/{campaign}/undo/", {}))

    def skip(self, campaign: int, subject: dict[str, Any], reason: str, comment: str = "") -> None:
        self.send(
            "POST",
            f"campaigns/{campaign}/skip/",
            {"slot": subject["slot"], "reason": reason, "comment": comment},
        )

    def flag(self, subject: dict[str, Any], comment: str, rule: str = "") -> dict[str, Any]:
        return dict(self.send("POST", "flags/", {"pair": subject["pair"], "comment": comment, "rule": rule}))

    @staticmethod
    def _answer(subject: dict[str, Any]) -> dict[str, Any]:
        return {"key": str(uuid.uuid4()), **{name: subject[name] for name in ("slot", "lease", "release")}}

    # ---------------------------------------------------------------- campaigns and their ledgers

    def campaigns(self) -> Iterator[dict[str, Any]]:
        return self.pages("campaigns/")

    def campaign_create(self, name: str, **settings: Any) -> dict[str, Any]:
        return dict(self.send("POST", "campaigns/", {"name": name, **settings}))

    def campaign_act(self, campaign: int, action: str) -> dict[str, Any]:
        """open, pause, close, archive, restore"""
        return dict(self.send("POST", f"campaigns/{campaign}/", {"action": action}))

    def judgments(self, campaign: int | None = None, standing: bool = False) -> Iterator[dict[str, Any]]:
        return self.pages("judgments/", campaign=campaign, standing=int(standing))

    def agreement(self, campaign: int | None = None) -> dict[str, Any]:
        return dict(self.send("GET", "agreement/", campaign=campaign))

    # ---------------------------------------------------------------- out of the house and into it

    def export(self, path: Path | str, format: str = "jsonl", **of: Any) -> dict[str, Any]:
        """Order an export (`campaign`, `release`), wait for it and save it; what the server says of it."""
        job = self._wait("exports/", self.send("POST", "exports/", {"format": format, **of})["id"])
        Path(path).write_bytes(self._open("GET", job["file"], None, "application/json", {}))
        return job

    def import_file(
        self, path: Path | str, format: str, *, dry_run: bool = False, **said: str
    ) -> dict[str, Any]:
        """Send a file of judgments and wait until it is read; counts, and where rejected rows lie."""
        fields = {"format": format, "dry_run": "true" if dry_run else "false", **said}
        kind, body = _multipart(fields, Path(path))
        answer = json.loads(self._open("POST", "judgments/imports/", body, kind, {}))
        return self._wait("judgments/imports/", answer["id"])

    def _wait(self, where: str, pk: str, seconds: float = 3600) -> dict[str, Any]:
        limit, pause = time.monotonic() + seconds, 0.2
        while time.monotonic() < limit:
            found = dict(self.send("GET", f"{where}{pk}/"))
            if found["state"] in ("done", "failed", "cancelled"):
                if found["state"] != "done":
                    raise LoreError(500, {"error": {"code": found["state"], "message": found["error"]}})
                return found
            time.sleep(pause)
            pause = min(5.0, pause * 1.5)
        raise TimeoutError(f"{where}{pk}/ has not ended")


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {"error": {"code": "", "message": body[:200].decode("utf-8", "replace")}}
    return found if isinstance(found, dict) else {"error": {"message": str(found)}}


def _multipart(fields: dict[str, str], file: Path) -> tuple[str, bytes]:
    """(content type, body) of a form with one file."""
    edge = uuid.uuid4().hex
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    part = "--{}\r\nContent-Disposition: form-data; name={}\r\n{}\r\n"
    text = "".join(part.format(edge, f'"{name}"', f"\r\n{value}") for name, value in fields.items())
    text += part.format(edge, f'"file"; filename="{file.name}"', f"Content-Type: {kind}\r\n")
    body = text.encode() + file.read_bytes() + f"\r\n--{edge}--\r\n".encode()
    return f"multipart/form-data; boundary={edge}", body
