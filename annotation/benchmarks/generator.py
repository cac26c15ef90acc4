"""Annotators at work over HTTP, in a process of their own: `python generator.py PLAN.json` writes figures to stdout.

Standard library alone, so that it starts at once and costs the machine little. Each person has one connection and answers
her subjects one after the other, as the page's script does: one request carries the answer and brings the next subject.

Open loop: moments are drawn beforehand (a Poisson stream for each person), and a latency counts from the moment at which
the answer was *due*, so that a server that stalls cannot hide the answers that waited behind it. Closed loop: the next
answer goes out as soon as the last one is acknowledged; that gives the saturation rate.
"""

import asyncio
import json
import random
import re
import sys
import time
import uuid
from typing import Any
from urllib.parse import urlencode, urlsplit

FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
CSRF = "b" * 32
KEPT = ("slot", "lease", "release", "item_version", "rules_shown", "allowed")


class Person:
    """One browser: its connection and the subjects it holds."""

    def __init__(self, plan: dict[str, Any], session: str, seed: int) -> None:
        parts = urlsplit(plan["base"])
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        self.cookie = f"sessionid={session}; csrftoken={CSRF}"
        self.chance = random.Random(seed)
        self.subjects: list[dict[str, str]] = []
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.errors: list[str] = []

    async def request(self, method: str, path: str, fields: list[tuple[str, str]] | None = None) -> Any:
        body = urlencode(fields or []).encode()
        head = [
            f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Cookie: {self.cookie}",
            "Accept: application/json", f"X-CSRFToken: {CSRF}", f"Content-Length: {len(body)}",
            "Content-Type: application/x-www-form-urlencoded", "", "",
        ]  # fmt: skip
        message = "\r\n".join(head).encode() + body
        for attempt in (1, 2):  # an idle connection may have been closed meanwhile
            try:
                return await self._exchange(message)
            except (OSError, asyncio.IncompleteReadError):
                self.close()
                if attempt == 2:
                    raise
        return None

    async def _exchange(self, message: bytes) -> Any:
        if self.writer is None or self.reader is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self.writer.write(message)
        await self.writer.drain()
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        found = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        body = await self.reader.readexactly(int(found.group(1)) if found else 0)
        if "connection: close" in head.lower():
            self.close()
        status = int(head.split(" ", 2)[1])
        if status != 200:
            self.errors.append(f"{status}: {body[:200]!r}")
            return None
        return json.loads(body)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    def take(self, body: Any) -> None:
        for subject in (body or {}).get("subjects", []):
            self.subjects.append(
                {name: value for name, value in FIELD.findall(subject["html"]) if name in KEPT}
            )

    @property
    def have(self) -> tuple[str, str]:
        return "have", ",".join(subject["slot"] for subject in self.subjects)

    async def fill(self, campaign: str) -> bool:
        """Ask for subjects where she holds none; False where there are none for her."""
        if not self.subjects:
            self.take(await self.request("POST", f"{campaign}next/", [self.have]))
        return bool(self.subjects)

    async def answer(self, campaign: str) -> None:
        subject = self.subjects.pop(0)
        grade = self.chance.choice("1234")
        against = "rule_wrong" if subject["allowed"] and grade not in subject["allowed"] else ""
        dimension = "colour" if grade == "2" else ""
        said = [("key", str(uuid.UUID(int=self.chance.getrandbits(128), version=4))), ("grade", grade)]
        said += [("dimension", dimension), ("disagreement", against), ("seconds", "3.5")]
        self.take(await self.request("POST", f"{campaign}judgments/", [*subject.items(), *said, self.have]))


async def open_loop(person: Person, campaign: str, rate: float, seconds: float, start: float) -> list[float]:
    """Latencies in milliseconds, each from the moment the answer was due."""
    found: list[float] = []
    due = start + person.chance.expovariate(rate)
    while due < start + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if not await person.fill(campaign):
            return found
        await person.answer(campaign)
        found.append((time.perf_counter() - due) * 1000)
        due += person.chance.expovariate(rate)
    return found


async def closed_loop(person: Person, campaign: str, seconds: float, start: float) -> list[float]:
    """Latencies in milliseconds, one answer after the other until the time is up or nothing is left."""
    found: list[float] = []
    while time.perf_counter() < start + seconds and await person.fill(campaign):
        sent = time.perf_counter()
        await person.answer(campaign)
        found.append((time.perf_counter() - sent) * 1000)
    return found


async def phase(people: list[Person], plan: dict[str, Any]) -> dict[str, Any]:
    campaign, seconds = plan["campaign"], float(plan["seconds"])
    for person in people:
        person.subjects, person.errors = [], []
    await asyncio.gather(*(person.fill(campaign) for person in people))
    start = time.perf_counter()
    if plan["rate"]:
        share = plan["rate"] / len(people)
        works = [open_loop(person, campaign, share, seconds, start) for person in people]
    else:
        works = [closed_loop(person, campaign, seconds, start) for person in people]
    found = await asyncio.gather(*works)
    errors = [error for person in people for error in person.errors]
    return {
        "name": plan["name"], "seconds": time.perf_counter() - start, "latencies": [x for row in found for x in row],
        "errors": len(errors), "first_error": errors[:1],
    }  # fmt: skip


async def main(path: str) -> None:
    with open(path) as file:
        plan = json.load(file)
    people = [Person(plan, session, seed) for seed, session in enumerate(plan["sessions"])]
    figures = [await phase(people, part) for part in plan["phases"]]
    for person in people:
        person.close()
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
