"""The relevance API, its cache, the log, scoring of files, GoodRate."""

import csv
import re
import uuid
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from annotation.models import Campaign, Judgment, PageVerdict
from annotation.services import slot_lease
from annotation.services.pages import ItemGrade, page_verdict_submit
from catalog.models import Pair, Query
from rules.models import Publication, Release
from serving.models import CachedVerdict, ServedRequest
from serving.selectors import goodrate_of, strata
from serving.services import goodrate_sample
from training_bridge.models import Alias, ModelVersion
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, User

ITEMS = ["red-dress", "green-dress", "nothing-like-it", "red-mug"]


@pytest.fixture
def ask(people: Any, client_for: Callable[[User], Client]) -> Callable[..., Any]:
    def post(
        query: str = "red dress", items: list[str] | None = None, person: str = "annotator", **more: Any
    ) -> Any:
        body = {"corpus": "shop", "query": query, "items": items or ITEMS, **more}
        return client_for(getattr(people, person)).post(
            "/api/v1/relevance", body, content_type="application/json"
        )

    return post


def test_items_are_graded_in_order_and_unknown_ones_named(
    champion: ModelVersion, model_server: Any, ask: Any
) -> None:
    body = ask().json()
    assert [row["item"] for row in body["items"]] == ITEMS
    assert [row["grade"] for row in body["items"]] == ["L4", "L1", None, "L1"]
    assert body["unknown"] == ["nothing-like-it"] and body["items"][2]["known"] is False
    assert body["items"][0]["probabilities"] == [0.1, 0.1, 0.1, 0.7]
    assert (body["tier"], body["model"], body["release"]) == ("model", 1, 0)
    assert "reasoning" not in body["items"][0]
    assert (
        model_server.asked[0]["mode"] == "direct"
        and "query: red dress" in model_server.asked[0]["prompts"][0]
    )


def test_the_second_answer_comes_from_the_cache_alone(
    champion: ModelVersion, model_server: Any, ask: Any
) -> None:
    first, second = ask().json(), ask(query="  Red   DRESS ").json()
    assert len(model_server.asked) == 1 and second["tier"] == "cache"
    assert [row["grade"] for row in first["items"]] == [row["grade"] for row in second["items"]]
    assert ask(items=["red-dress", "red-lamp"]).json()["tier"] == "mixed"
    assert CachedVerdict.objects.count() == 4
    assert ServedRequest.objects.count() == 3


def test_a_new_release_and_a_new_champion_ask_for_new_keys(
    champion: ModelVersion, model_server: Any, ask: Any, release: Release
) -> None:
    ask()
    other = Release.objects.create(corpus=champion.corpus, number=1, state="published")
    Publication.objects.create(corpus=champion.corpus, release=other)
    assert ask().json()["tier"] == "model"
    second = ModelVersion.objects.create(
        corpus=champion.corpus,
        number=2,
        release=release,
        uri="/models/2",
        content_hash="2",
        template_version="r1",
    )
    Alias.objects.update(model_version=second)
    assert ask().json()["model"] == 2 and len(model_server.asked) == 3
    assert CachedVerdict.objects.count() == 9


def test_a_reasoning_is_asked_for_once_and_kept(champion: ModelVersion, model_server: Any, ask: Any) -> None:
    ask()
    body = ask(reasoning=True).json()
    assert body["items"][0]["reasoning"] == "five steps" and model_server.asked[-1]["mode"] == "reasoned"
    assert ask(reasoning=True).json()["tier"] == "cache" and len(model_server.asked) == 2


def test_asking_for_a_reasoning_does_not_change_what_the_model_serves(
    champion: ModelVersion, model_server: Any, ask: Any
) -> None:
    direct = ask().json()["items"]
    model_server.reasoned_grade = "L2"
    assert ask(reasoning=True).json()["items"][0]["grade"] == "L2"
    assert [row["grade"] for row in ask().json()["items"]] == [row["grade"] for row in direct]


def test_a_lexicon_that_finds_other_facets_asks_for_new_keys(
    champion: ModelVersion, model_server: Any, ask: Any
) -> None:
    ask()
    Query.objects.filter(key="red dress").update(facets={"color": "red", "category": "dress"})
    assert ask().json()["tier"] == "model"


def test_refusals_say_what_to_do(
    judged: Corpus, model_server: Any, ask: Any, settings: Any, people: Any, client_for: Any
) -> None:
    nothing = ask()
    assert nothing.status_code == 409 and nothing.json()["error"]["code"] == "nothing_serves"
    assert ask(person="outsider").status_code == 404
    assert ask(query=" ").status_code == 400
    assert ask(items=["x"] * 201).status_code == 400
    model = ModelVersion.objects.create(
        corpus=judged,
        number=1,
        release=Release.objects.get(),
        uri="/m",
        content_hash="1",
        template_version="r1",
    )
    Alias.objects.create(corpus=judged, name="champion", model_version=model)
    model_server.refuses = True
    refused = ask()
    assert refused.status_code == 503 and "does not load" in refused.json()["error"]["message"]
    settings.MODEL_SERVER_URL = "http://127.0.0.1:1"
    down = ask()
    assert down.status_code == 503 and "make demo" in down.json()["error"]["message"]
    assert not ServedRequest.objects.exists() and not CachedVerdict.objects.exists()


def test_a_file_is_scored_in_its_order(champion: ModelVersion, model_server: Any, tmp_path: Path) -> None:
    pairs, out = tmp_path / "pairs.csv", tmp_path / "scored.csv"
    pairs.write_text(
        "query,product_id\nred dress,red-dress\nblue mug,nope\nnever asked,red-mug\nred dress,red-dress\n"
    )
    said, errors = StringIO(), StringIO()
    call_command("score", corpus="shop", pairs=str(pairs), out=str(out), stdout=said, stderr=errors)
    rows = list(csv.DictReader(StringIO(out.read_text())))
    assert [row["product_id"] for row in rows] == ["red-dress", "nope", "red-mug", "red-dress"]
    assert [row["grade"] for row in rows] == ["L4", "", "L1", "L4"]
    assert float(rows[0]["p4"]) == 0.7 and rows[0]["model"] == "1" and rows[1]["p1"] == ""
    assert "unknown product: nope" in errors.getvalue() and "1 unknown" in said.getvalue()
    assert not Query.objects.filter(key="never asked").exists()
    assert not ServedRequest.objects.exists(), "scoring a file is no traffic"


def test_a_file_that_cannot_be_read_is_refused(
    champion: ModelVersion, model_server: Any, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    for content, words in (("a,b\n", "lacks the column"), ("query,product_id\n,x\n", "line 2")):
        bad.write_text(content)
        with pytest.raises(CommandError, match=words):
            call_command("score", corpus="shop", pairs=str(bad), out=str(tmp_path / "o.csv"))
    with pytest.raises(CommandError, match="no model 'challenger'"):
        bad.write_text("query,product_id\nred dress,red-dress\n")
        call_command("score", corpus="shop", pairs=str(bad), out=str(tmp_path / "o.csv"), model="challenger")
    assert not (tmp_path / "o.csv").exists()


def test_goodrate_samples_blind_and_counts_what_people_say(
    champion: ModelVersion, model_server: Any, ask: Any, people: Any, release: Release
) -> None:
    with pytest.raises(Invalid):
        goodrate_sample(corpus=champion.corpus, actor=people.admin, name="none yet")
    ask(items=["red-dress", "red-mug"])
    ask(query="a new query", items=["red-lamp"])
    sample = goodrate_sample(corpus=champion.corpus, actor=people.admin, name="week 1")
    assert len(sample.requests) == 2 and Query.objects.filter(key="a new query").exists()
    assert set(sample.campaign.annotation_tasks.values_list("blind", flat=True)) == {True}
    assert goodrate_of(sample).item_rate is None
    grades = {"red-dress": 4, "red-mug": 1, "red-lamp": 1}
    for pair in Pair.objects.filter(pk__in=[pk for row in sample.requests for pk in row["pairs"]]):
        Judgment.objects.create(
            corpus=champion.corpus, pair=pair, item_version=pair.item.current, person=people.annotator,
            release=release, grade=grades[pair.item.external_id],
        )  # fmt: skip
    rate = goodrate_of(sample)
    assert (rate.judged, rate.requests, rate.item_rate, rate.query_rate) == (3, 2, 0.25, 0.5)


def test_goodrate_can_be_judged_as_whole_pages(
    champion: ModelVersion, model_server: Any, ask: Any, people: Any, release: Release
) -> None:
    ask(items=["red-dress", "red-mug"])
    ask(query="a new query", items=["red-lamp"])
    sample = goodrate_sample(corpus=champion.corpus, actor=people.admin, name="pages", as_pages=True)
    campaign = sample.campaign
    assert campaign.kind == Campaign.Kind.PAGE and campaign.slots_total == 2
    for mark in (PageVerdict.Mark.MID, PageVerdict.Mark.BAD):
        slot = slot_lease(campaign=campaign, person=people.annotator)
        assert slot is not None and slot.annotation_task.page is not None and slot.annotation_task.blind
        grades = [
            ItemGrade(uuid.uuid4(), entry.pair_id, 4) for entry in slot.annotation_task.page.entries.all()
        ]
        page_verdict_submit(
            key=uuid.uuid4(), slot=slot, person=people.annotator, release=release, mark=mark, grades=grades
        )
    rate = goodrate_of(sample)
    assert (rate.judged, rate.item_rate, rate.query_rate) == (3, 1.0, 0.5)


def test_the_serving_page_and_its_box(
    champion: ModelVersion, model_server: Any, people: Any, client_for: Callable[[User], Client]
) -> None:
    client = client_for(people.annotator)
    assert "Try a query" in client.get("/c/shop/serving/").content.decode()
    page = client.post("/c/shop/serving/try/", {"query": "red dress", "reasoning": "on"}).content.decode()
    assert "Acme dress red" in page and "five steps" in page and "L4" in page
    assert 'data-pair="' in page
    assert client.post("/c/shop/serving/try/", {"query": "zzz"}).status_code == 422
    assert [row.requests for row in strata(champion.corpus)] == [0, 0, 1]
    assert "red dress" in client.get("/c/shop/serving/requests/").content.decode()
    assert client.post("/c/shop/serving/goodrate/new/", {"name": "x"}).status_code == 403
    made = client_for(people.reviewer).post(
        "/c/shop/serving/goodrate/new/", {"name": "x", "requests": "5"}, follow=True
    )
    assert made.status_code == 200 and "1 requests were drawn" in made.content.decode()
    for address in ("", "requests/"):
        assert client_for(people.outsider).get(f"/c/shop/serving/{address}").status_code == 404


def test_a_request_shows_what_it_got_and_each_pair_can_become_an_example(
    champion: ModelVersion, ask: Any, model_server: Any, people: Any, client_for: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    ask(query="Red  dress")
    served = ServedRequest.objects.get()
    client = client_for(people.editor)
    listed = client.get("/c/shop/serving/requests/").content.decode()
    address = f"/c/shop/serving/requests/{served.pk}/"
    assert f'href="{address}"' in listed
    with django_assert_max_num_queries(14):
        page = client.get(address).content.decode()
    pairs = [int(pk) for pk in re.findall(r'data-pair="(\d+)"', page)]
    known = Pair.objects.filter(query__key="red dress", item__external_id__in=ITEMS)
    assert pairs and set(pairs) == set(known.values_list("pk", flat=True))
    assert "nothing-like-it" not in page and "Acme dress red" in page and "grade-4" in page
    assert "<kbd>E</kbd> over a card" in page and "rules-example.js" in page
    example = client.get("/c/shop/rules/examples/new/", {"pair": pairs[0]})
    assert example.status_code == 200 and "Make this pair an example" in example.content.decode()
    plain = client_for(people.annotator).get(address).content.decode()
    assert "<kbd>E</kbd>" not in plain
    assert client.get(f"/c/shop/serving/requests/{uuid.UUID(int=1)}/").status_code == 404
    assert client_for(people.outsider).get(address).status_code == 404


def test_a_stranger_without_a_key_gets_nothing(champion: ModelVersion, model_server: Any) -> None:
    body = {"corpus": "shop", "query": "red dress", "items": ["red-dress"]}
    answer = Client().post("/api/v1/relevance", body, content_type="application/json")
    assert answer.status_code in (401, 403) and not model_server.asked
