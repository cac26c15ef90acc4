"""Imports: each format, bad rows of every kind, twice, changed."""

import contextlib
import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from PIL import Image

from catalog.errors import ImportRefused
from catalog.importing.running import import_run
from catalog.models import (
    CorpusCounter,
    ImportedRanking,
    ImportedRating,
    ImportRun,
    Item,
    ItemImage,
    ItemVersion,
    Pair,
    Query,
    SettledVerdict,
    Traffic,
)
from webapp.common.blobs import blob_path
from webapp.common.models import Corpus, OutboxEvent, User

REAL = Path(os.environ.get("LORE_DATA_DIR", Path(__file__).resolve().parents[3] / "shared" / "data"))


def load(corpus: Corpus, path: Path, format: str = "auto") -> dict[str, Any]:
    run = ImportRun.objects.create(corpus=corpus, path=str(path), format=format)
    return import_run(run=run, fence=transaction.atomic, progress=lambda done, total, note: None)


def rejected(corpus: Corpus) -> list[dict[str, str]]:
    run = ImportRun.objects.filter(corpus=corpus).latest("pk")
    assert run.rejected_blob_id
    with blob_path(run.rejected_blob_id).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def write(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return write


PLAIN = {
    "products__csv": "product_id,title,brand,color,category,price\np1,Red kettle,Acme,red,Kettles,20\n"
    "p2,Blue kettle,Acme,blue,Kettles,21\n",
    "queries__csv": "query_id,query,traffic\nq1,red kettle,90\nq2,Blue  Kettle,9\nq3,kettle lid,1\n",
    "labels__csv": "query_id,product_id,grade\nq1,p1,3\nq1,p2,1\nq2,p2,L4\n",
}


def test_plain_csv_fills_the_catalog(corpus: Corpus, folder: Callable[..., Path]) -> None:
    summary = load(corpus, folder(**PLAIN))
    assert summary["format"] == "csv"
    assert summary["rejected"] == 0
    found = {
        (row.pair.query.text, row.pair.item.external_id): (row.grade, row.dimension)
        for row in SettledVerdict.objects.select_related("pair__query", "pair__item")
    }
    assert found == {
        ("red kettle", "p1"): (4, ""),
        ("red kettle", "p2"): (2, "unstated"),
        ("Blue Kettle", "p2"): (4, ""),
    }
    assert dict(Traffic.objects.values_list("query__external_id", "stratum")) == {
        "q1": "head", "q2": "tail", "q3": "tail",
    }  # fmt: skip
    assert Query.objects.get(external_id="q1").facets["color"] == "red"
    assert Item.objects.get(external_id="p1").current.payload.attributes == {"color": "red", "price": 20}
    counter = CorpusCounter.objects.get(corpus=corpus)
    assert (counter.queries, counter.items, counter.pairs, counter.settled) == (3, 2, 3, 3)
    event = OutboxEvent.objects.get(kind="import.finished")
    assert event.payload["grade_map"]["3"] == "L4"


def test_the_planner_knows_what_came_in(corpus: Corpus, folder: Callable[..., Path]) -> None:
    load(corpus, folder(**PLAIN))
    tables = ("catalog_query", "catalog_item", "catalog_pair")
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE relname = ANY(%s)", [list(tables)])
        assert {name: int(rows) for name, rows in cursor.fetchall()} == {
            "catalog_query": Query.objects.count(),
            "catalog_item": Item.objects.count(),
            "catalog_pair": Pair.objects.count(),
        }


def test_twice_changes_nothing_and_a_changed_item_is_a_new_version(
    corpus: Corpus, folder: Callable[..., Path]
) -> None:
    load(corpus, folder(**PLAIN))
    before = list(ItemVersion.objects.order_by("pk").values_list("pk", flat=True))
    again = load(corpus, folder(**PLAIN))
    new = ("new_queries", "new_items", "new_versions", "new_pairs", "changed_judged")
    assert [again["accepted"][name] for name in new] == [0] * 5
    changed = load(
        corpus, folder(**{**PLAIN, "products__csv": PLAIN["products__csv"].replace("Red", "Crimson")})
    )
    assert changed["accepted"]["new_versions"] == 1
    assert ItemVersion.objects.count() == len(before) + 1
    assert Item.objects.get(external_id="p1").current.title == "Crimson kettle"
    assert SettledVerdict.objects.get(pair__item__external_id="p1").item_version_id in before


def test_bad_rows_are_named_and_the_good_ones_land(corpus: Corpus, folder: Callable[..., Path]) -> None:
    path = folder(
        products__csv=b"product_id,title,description\np1,<b>Good</b> &amp; plain,fine\n,No id,x\np3,,no title\n"
        b"p4,Broken \xff\xfe,x\np1,Twice,x\np5,Long,"
        + b"x" * 1_200_000
        + b"\np6,a,b,c,d\np7,Caf\xc3\x83\xc2\xa9 \x00null,<script>alert(1)</script>ok<br>two\n",
        queries__csv="query_id,query\nq1,good\n,none\nq1,again\nq4,\n",
        labels__csv="query_id,product_id,grade\nq1,p1,3\nq1,p1,2\nq1,nope,2\nq9,p1,2\nq1,p5,7\n,p5,1\nq1,p7,=1\nq1,p5,0\n",
    )
    summary = load(corpus, path)
    assert set(Item.objects.values_list("external_id", flat=True)) == {"p1", "p5", "p7"}
    assert Pair.objects.count() == 2
    rows = {(row["file"], int(row["line"])): row["reason"] for row in rejected(corpus)}
    assert rows == {
        ("products.csv", 3): "missing id",
        ("products.csv", 4): "missing title",
        ("products.csv", 5): "broken encoding",
        ("products.csv", 6): "duplicate key",
        ("products.csv", 8): "too many cells",
        ("queries.csv", 3): "missing id",
        ("queries.csv", 4): "duplicate key",
        ("queries.csv", 5): "missing query",
        ("labels.csv", 3): "duplicate key",
        ("labels.csv", 4): "unknown product",
        ("labels.csv", 5): "unknown query",
        ("labels.csv", 6): "grade out of range",
        ("labels.csv", 7): "missing id",
        ("labels.csv", 8): "grade out of range",
    }
    assert summary["notes"] == {"description cut to 20000 characters": 1}
    assert Item.objects.get(external_id="p1").current.title == "Good & plain"
    odd = Item.objects.get(external_id="p7").current
    assert odd.title == "CafÃ© null"
    assert odd.payload.description == "ok\ntwo"


WANDS = {
    "query__csv": "query_id\tquery\tquery_class\n0\tsalon chair\tMassage Chairs\n1\tsmart table\tCoffee Tables\n",
    "product__csv": "product_id\tproduct_name\tproduct_class\tcategory_hierarchy\tproduct_description\tproduct_features\t"
    "rating_count\taverage_rating\treview_count\n7\tsolid chair\tChairs\tFurniture / Chairs\tgood\t"
    "color : oak|legs:4\t15.0\t4.5\t15.0\n",
    "label__csv": "id\tquery_id\tproduct_id\tlabel\n0\t0\t7\tExact\n1\t1\t7\tIrrelevant\n",
}


def test_wands_by_its_published_columns(corpus: Corpus, folder: Callable[..., Path]) -> None:
    assert load(corpus, folder(**WANDS))["format"] == "wands"
    version = Item.objects.get(external_id="7").current
    assert (version.title, version.category) == ("solid chair", "Chairs")
    assert version.payload.attributes["color"] == "oak"
    assert list(SettledVerdict.objects.order_by("grade").values_list("grade", flat=True)) == [1, 4]


def test_one_file_with_queries_items_and_grades(corpus: Corpus, folder: Callable[..., Path]) -> None:
    path = folder(all__csv="query,product_id,title,grade\nkettle,a,Kettle,3\nkettle,b,Pot,0\nlid,b,Pot,L2\n")
    assert load(corpus, path / "all.csv")["rejected"] == 0
    assert (Query.objects.count(), Item.objects.count(), SettledVerdict.objects.count()) == (2, 2, 3)


def test_parquet(corpus: Corpus, tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"product_id": [1, 2], "title": ["A", "B"]}), tmp_path / "products.parquet")
    pq.write_table(pa.table({"query_id": [5], "query": ["a"]}), tmp_path / "queries.parquet")
    pq.write_table(
        pa.table({"query_id": [5, 5], "product_id": [1, 2], "grade": [3.0, 1.0]}), tmp_path / "labels.parquet"
    )
    assert load(corpus, tmp_path)["format"] == "parquet"
    assert sorted(SettledVerdict.objects.values_list("grade", flat=True)) == [2, 4]


def test_raters_and_rankings_are_handed_down(corpus: Corpus, folder: Callable[..., Path]) -> None:
    files = {
        name: PLAIN[name] for name in ("products__csv", "queries__csv")
    } | {
        "ratings_by_rater__csv": "query_id,product_id,rater,grade,dimension,picture_decided\nq1,p1,ann,3,,true\n"
        "q1,p1,bo,3,,\nq1,p1,cy,1,colour,\nq1,p2,ann,1,colour,\nq1,p2,bo,0,,\n",
        "rankings__jsonl": '{"query_id": "q1", "product_id": "p1", "rater": "ann", "order": [2, 1]}\nnot json\n',
    }  # fmt: skip
    summary = load(corpus, folder(**files))
    assert summary["rejected"] == 1
    assert ImportedRating.objects.filter(taken_up=False).count() == 5
    assert ImportedRanking.objects.get().content["order"] == [2, 1]
    rater = User.objects.get(email="ann@shop.raters.invalid")
    assert rater.kind == User.Kind.RATER
    assert not rater.has_usable_password()
    assert not rater.memberships.exists()
    settled = SettledVerdict.objects.get()
    assert (settled.pair.item.external_id, settled.grade, settled.method) == ("p1", 4, "majority of 3 raters")
    assert load(corpus, folder(**files))["accepted"]["changed_ratings"] == 0


def test_raters_whose_names_an_address_cannot_spell_are_told_apart(
    corpus: Corpus, folder: Callable[..., Path]
) -> None:
    files = {
        name: PLAIN[name] for name in ("products__csv", "queries__csv")
    } | {
        "ratings_by_rater__csv": "query_id,product_id,rater,grade\nq1,p1,王芳,3\nq1,p1,李娜,3\nq1,p1,Zoë B.,1\n"
        "q1,p1,Zo B.,1\n",
    }  # fmt: skip
    assert load(corpus, folder(**files))["rejected"] == 0
    names = ImportedRating.objects.values_list("rater__display_name", flat=True)
    assert sorted(names) == ["Zo B.", "Zoë B.", "李娜", "王芳"]
    assert load(corpus, folder(**files))["accepted"]["changed_ratings"] == 0


def test_photos_without_text(corpus: Corpus, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no picture")
    (tmp_path / "images.csv").write_text(
        "image_path,label\na.png,dress\nb.png,hat\n../../etc/passwd,hat\ngone.png,hat\n"
    )
    summary = load(corpus, tmp_path)
    assert (summary["format"], summary["accepted"]["items"], summary["rejected"]) == ("images", 1, 3)
    assert ItemImage.objects.get().state == ItemImage.State.STORED
    assert Item.objects.get().current.payload.attributes == {"class": "dress"}


def test_a_remote_picture_is_recorded_and_not_fetched(corpus: Corpus, folder: Callable[..., Path]) -> None:
    load(corpus, folder(products__csv="product_id,title,image_url\na,Kettle,http://127.0.0.1:1/x.jpg\n"))
    image = ItemImage.objects.get()
    assert (image.state, image.blob_id, image.url) == ("remote", None, "http://127.0.0.1:1/x.jpg")


@pytest.mark.parametrize(
    "files",
    [{}, {"products__csv": "a,b\n1,2\n"}, {"products__csv": ""}, {"labels__csv": "query_id,grade\n1,2\n"}],
)
def test_what_tells_nothing_is_refused(
    corpus: Corpus, folder: Callable[..., Path], files: dict[str, str]
) -> None:
    with pytest.raises(ImportRefused):
        load(corpus, folder(**files))
    assert not ImportRun.objects.filter(corpus=corpus).exclude(finished_at=None).exists()


def test_a_chunk_that_fails_is_absent_and_the_next_run_completes(
    corpus: Corpus, folder: Callable[..., Path]
) -> None:
    lines = "".join(f"p{n},Item {n}\n" for n in range(2_500))
    path, told = folder(products__csv=f"product_id,title\n{lines}"), []

    def stop(done: int, total: int, note: str) -> None:
        told.append(done)
        if len(told) == 2:
            raise KeyboardInterrupt

    run = ImportRun.objects.create(corpus=corpus, path=str(path), format="auto")
    with contextlib.suppress(KeyboardInterrupt):
        import_run(run=run, fence=transaction.atomic, progress=stop)
    assert Item.objects.count() == 2_000
    load(corpus, path)
    assert (Item.objects.count(), ItemVersion.objects.count()) == (2_500, 2_500)


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the real data sets are not here")
def test_chorus_as_it_lies_there(corpus: Corpus) -> None:
    summary = load(corpus, REAL / "chorus_electronics")
    accepted = summary["accepted"]
    assert (summary["format"], summary["rejected"]) == ("chorus", 0)
    assert (accepted["items"], accepted["queries"], accepted["judged"], accepted["ratings"]) == (
        19_406,
        108,
        2_626,
        7_878,
    )
    assert User.objects.filter(kind=User.Kind.RATER).count() == 3
