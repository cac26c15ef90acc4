"""Pages and endpoints of the catalog: who may see them, what they show, what they cost."""

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from PIL import Image

from catalog.importing.running import import_run
from catalog.models import ImportRun, Item, ItemImage, Pair, Query
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job


def picture_bytes() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def fill(corpus: Corpus, folder: Path, size: int = 3) -> None:
    (folder / "a.png").write_bytes(picture_bytes())
    items = "".join(f"p{n},Kettle {n} 1 < 2 &lt;img src=x&gt;,Acme,a.png\n" for n in range(size))
    (folder / "products.csv").write_text(f"product_id,title,brand,image\n{items}")
    (folder / "queries.csv").write_text('query_id,query,traffic\nq0,"kettle\'s ""x"" & y",5\n' + "q1,pot,1\n")
    labels = "".join(f"q0,p{n},{n % 4}\n" for n in range(size))
    (folder / "labels.csv").write_text(f"query_id,product_id,grade\n{labels}q0,gone,1\n")
    run = ImportRun.objects.create(corpus=corpus, path=str(folder), format="auto")
    import_run(run=run, fence=transaction.atomic, progress=lambda done, total, note: None)


def pages(corpus: Corpus) -> list[str]:
    root = f"/c/{corpus.slug}/catalog/"
    return [
        root, f"{root}queries/", f"{root}queries/{Query.objects.earliest('pk').pk}/", f"{root}items/",
        f"{root}items/{Item.objects.earliest('pk').pk}/", f"{root}imports/{ImportRun.objects.earliest('pk').pk}/",
        f"{root}pictures/{ItemImage.objects.earliest('pk').blob_id}",
    ]  # fmt: skip


def test_members_see_pages_and_outsiders_nothing(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], tmp_path: Path
) -> None:
    fill(corpus, tmp_path)
    for url in pages(corpus):
        answer = client_for(people.annotator).get(url)
        assert answer.status_code == 200, url
        assert b"".join(answer) if answer.streaming else answer.content
        assert client_for(people.outsider).get(url).status_code == 404, url
        assert Client().get(url).status_code == 302, url
        assert client_for(people.annotator).post(url).status_code == 405, url
    new = f"/c/{corpus.slug}/catalog/imports/new/"
    assert client_for(people.admin).get(new).status_code == 200
    assert client_for(people.editor).get(new).status_code == 403
    rejected = f"{pages(corpus)[5]}rejected.csv"
    assert b"unknown product" in b"".join(client_for(people.admin).get(rejected).streaming_content)
    assert client_for(people.annotator).get(rejected).status_code == 403


def test_a_query_leads_to_the_rules_that_fire_on_each_pair(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], tmp_path: Path
) -> None:
    fill(corpus, tmp_path)
    pair = Pair.objects.filter(query=Query.objects.earliest("pk")).earliest("pk")
    read, write = (client_for(who).get(pages(corpus)[2]).text for who in (people.annotator, people.editor))
    assert f"/c/{corpus.slug}/rules/?pair={pair.pk}" in read
    hint = "makes that pair an example"
    assert hint in write and hint not in read


def test_what_a_file_says_is_shown_as_text(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], tmp_path: Path
) -> None:
    fill(corpus, tmp_path)
    for url in pages(corpus)[1:5]:
        page = client_for(people.annotator).get(url).content.decode()
        assert "<img src=x" not in page
    assert "1 &lt; 2 &lt;img src=x&gt;" in client_for(people.annotator).get(pages(corpus)[3]).content.decode()


def test_a_picture_is_served_as_what_it_is(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], tmp_path: Path
) -> None:
    fill(corpus, tmp_path)
    answer = client_for(people.annotator).get(pages(corpus)[6])
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content) == picture_bytes()


@pytest.mark.parametrize(("place", "queries"), [(1, 9), (2, 8), (3, 8)])
def test_list_pages_cost_the_same_with_more_rows(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], tmp_path: Path,
    django_assert_max_num_queries: Any, place: int, queries: int,
) -> None:  # fmt: skip
    fill(corpus, tmp_path, 60)
    client, url = client_for(people.annotator), pages(corpus)[place]
    with django_assert_max_num_queries(queries):
        client.get(url)


@pytest.mark.parametrize("text", ["kett", "kettle 1", "'", "a & | ! :*", "\\", "\x00", "p1", "%", "日本"])
def test_search_takes_any_text(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], tmp_path: Path, text: str
) -> None:
    fill(corpus, tmp_path)
    client = client_for(people.annotator)
    for place in (1, 3):
        assert client.get(pages(corpus)[place], {"text": text}).status_code == 200
    found = client.get(pages(corpus)[3], {"text": "kettl"}, headers={"HX-Request": "true"}).content.decode()
    assert found.count("<tr>") == 4
    assert "<html" not in found


def test_an_upload_becomes_an_import(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client]
) -> None:
    client, url = client_for(people.admin), f"/c/{corpus.slug}/catalog/imports/new/"
    file = io.BytesIO(b"query,product_id,title,grade\nkettle,a,Kettle,3\n")
    file.name = "../../pairs.csv"
    answer = client.post(url, {"files": file, "format": "auto"})
    assert answer.status_code == 302
    job = Job.objects.get(kind="catalog.import")
    assert job_run(job.pk) == "done"
    assert Item.objects.get().external_id == "a"
    assert client.get(answer["Location"]).status_code == 200
    wrong = io.BytesIO(b"x")
    wrong.name = "x.exe"
    assert client.post(url, {"files": wrong}).status_code == 422


def test_endpoints(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], tmp_path: Path
) -> None:
    fill(corpus, tmp_path)
    client, root = client_for(people.annotator), f"/api/v1/corpora/{corpus.slug}/"
    assert len(client.get(f"{root}queries/").json()["queries"]) == 2
    assert len(client.get(f"{root}items/", {"text": "kettle"}).json()["items"]) == 3
    pairs = client.get(f"{root}pairs/").json()["pairs"]
    assert [pair["grade"] for pair in pairs] == ["L1", "L2", "L3"]
    assert client.post(f"{root}imports/").status_code == 403
    assert client_for(people.outsider).get(f"{root}pairs/").status_code == 404
