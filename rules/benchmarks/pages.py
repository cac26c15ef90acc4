"""What an editor waits for: the counts beside the form, lint as she types, and the list of rules. Nothing is kept."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Item, ItemPayload, ItemVersion, Pair, Query
from rules.benchmarks import shop
from rules.coverage import coverage_of
from rules.form import form_clean, form_hash
from rules.lint_selectors import lint_typed
from rules.models import FiringStatistic, Rule, RuleVersion
from webapp.common.models import Corpus, Membership, Role, User

ITEMS = 2_000
TURNS = 7


def measure(pairs: int, rules: int) -> list[dict[str, Any]]:
    """Milliseconds, the median of some turns after a first one that fills the caches."""
    with _undone() as corpus:
        reader = _reader(corpus)
        _stock(corpus, pairs)
        forms = [form_clean(form) for form in shop.wordy_rules(100)]
        _rules(corpus, forms[:99])
        counts = _median(lambda turn: coverage_of(corpus, _typed(forms[99], turn)))
        lint = _median(lambda turn: lint_typed(corpus, _typed(forms[99], turn)))
        _rules(corpus, [{**forms[at % 99], "code": f"C{at}"} for at in range(rules - 99)])
        client = Client(headers={"host": "localhost"})
        client.force_login(reader)
        address = reverse("rules:rule_list", args=[corpus.slug])
        listed = _median(lambda turn: _opened(client, address))
        with CaptureQueriesContext(connection) as asked:
            _opened(client, address)
    return [
        {"name": f"editor's counts on {pairs:,} pairs beside 99 drafts, ms", "figure": f"{counts:.0f}",
         "against": "under 500"},
        {"name": "lint of one rule among 99, as typed, ms", "figure": f"{lint:.0f}", "against": "under 100"},
        {"name": f"list page with {rules:,} rules and statistics, ms", "figure": f"{listed:.0f}",
         "against": f"under 200; {len(asked)} queries"},
    ]  # fmt: skip


def _typed(form: dict[str, Any], turn: int) -> dict[str, Any]:
    """The rule as it stands after one more keystroke."""
    step = {**form["ladder"][0], "when": f"query.price < {50 + turn}.5 && query.brand != item.brand"}
    return {**form, "code": "typed", "ladder": [step, *form["ladder"][1:]]}


def _opened(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, response.status_code


def _median(work: Callable[[int], object]) -> float:
    took = []
    for turn in range(TURNS + 1):
        started = time.perf_counter()
        work(turn)
        took.append((time.perf_counter() - started) * 1_000)
    return sorted(took[1:])[TURNS // 2]


@contextmanager
def _undone() -> Iterator[Corpus]:
    """A corpus in a transaction that is rolled back, whatever happens in it; its Arrow files go as well."""
    with transaction.atomic():
        corpus = Corpus.objects.create(slug="bench-rules", name="Benchmark")
        try:
            yield corpus
        finally:
            transaction.set_rollback(True)
            shutil.rmtree(Path(settings.LORE_HOME) / "corpus-tables" / str(corpus.pk), ignore_errors=True)


def _reader(corpus: Corpus) -> User:
    user = User.objects.create(email="bench-rules@example.invalid", display_name="Benchmark")
    Membership.objects.create(user=user, corpus=corpus, role=Role.EDITOR)
    return user


def _stock(corpus: Corpus, pairs: int) -> None:
    dice = random.Random(11)
    made = [shop.query(dice) for _ in range(max(1, pairs // 100))]
    queries = Query.objects.bulk_create(
        Query(corpus=corpus, text=f"{q['text']} {at}", key=f"{q['text']} {at}", facets=_without(q, "text"))
        for at, q in enumerate(made)
    )
    things = [shop.item(dice) for _ in range(ITEMS)]
    items = Item.objects.bulk_create(Item(corpus=corpus, external_id=str(at)) for at in range(ITEMS))
    versions = ItemVersion.objects.bulk_create(
        ItemVersion(item=row, content_hash=str(at), title=thing["title"], brand=thing["brand"], category=thing["category"])
        for at, (row, thing) in enumerate(zip(items, things, strict=True))
    )  # fmt: skip
    ItemPayload.objects.bulk_create(
        ItemPayload(version=version, attributes=_without(thing, "title", "brand", "category"))
        for version, thing in zip(versions, things, strict=True)
    )
    for row, version in zip(items, versions, strict=True):
        row.current = version
    Item.objects.bulk_update(items, ["current"])
    step = len(items) // 100
    Pair.objects.bulk_create(
        (
            Pair(corpus=corpus, query=query, item=items[(at + turn * step) % ITEMS])
            for at, query in enumerate(queries)
            for turn in range(100)
        ),
        batch_size=5_000,
    )


def _without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _rules(corpus: Corpus, forms: list[dict[str, Any]]) -> None:
    rows = Rule.objects.bulk_create(Rule(corpus=corpus, code=form["code"]) for form in forms)
    versions = RuleVersion.objects.bulk_create(
        RuleVersion(
            rule=rule, number=1, content_hash=form_hash(form),
            **{key: value for key, value in form.items() if key not in ("code", "examples")},
        )
        for rule, form in zip(rows, forms, strict=True)
    )  # fmt: skip
    FiringStatistic.objects.bulk_create(
        FiringStatistic(rule_version=version, pairs=100, fired=10, per_step=[10, 0, 0], settled=4, agreed=3)
        for version in versions
    )
    for rule, version in zip(rows, versions, strict=True):
        rule.latest = version
    Rule.objects.bulk_update(rows, ["latest"])
