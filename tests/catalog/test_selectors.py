"""Fields as rules see them, queries made on the way, verdicts settled."""

import pytest

from catalog.models import Item, ItemPayload, ItemVersion, Pair, Query, SettledVerdict
from catalog.selectors import pair_fields
from catalog.services import query_ensure, verdict_settle
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, OutboxEvent


@pytest.fixture
def pair(corpus: Corpus) -> Pair:
    item = Item.objects.create(corpus=corpus, external_id="p1")
    version = ItemVersion.objects.create(item=item, content_hash="a", title="Red kettle", brand="Acme")
    ItemPayload.objects.create(version=version, attributes={"color": "red"})
    Item.objects.filter(pk=item.pk).update(current=version)
    item.refresh_from_db()
    return Pair.objects.create(corpus=corpus, query=query_ensure(corpus, "Red  Kettle"), item=item)


def test_pair_fields_leave_empty_fields_out(pair: Pair) -> None:
    query, item = pair_fields([pair.pk, 10**9])[pair.pk]
    assert query["text"] == "Red Kettle"
    assert query["color"] == "red"
    assert query["negated"] == []
    assert item == {"title": "Red kettle", "brand": "Acme", "color": "red"}


def test_query_ensure_is_one_row_per_key(corpus: Corpus) -> None:
    first = query_ensure(corpus, "  Red Kettle ")
    assert query_ensure(corpus, "red kettle").pk == first.pk
    assert Query.objects.filter(corpus=corpus).count() == 1
    assert first.traffic.stratum == "tail"
    with pytest.raises(Invalid):
        query_ensure(corpus, " \x00 ")


def settle(pair: Pair, grade: int, source: str) -> SettledVerdict:
    assert pair.item.current is not None
    return verdict_settle(
        pair=pair, item_version=pair.item.current, grade=grade, source=source, method="test"
    )


def test_an_import_never_replaces_what_people_settled(pair: Pair) -> None:
    assert settle(pair, 2, "import").grade == 2
    assert settle(pair, 3, "consensus").grade == 3
    assert settle(pair, 1, "import").grade == 3
    assert settle(pair, 4, "adjudication").grade == 4
    assert settle(pair, 2, "consensus").grade == 4
    assert OutboxEvent.objects.filter(kind="verdict.settled").count() == 3
    with pytest.raises(Invalid):
        settle(pair, 5, "adjudication")
