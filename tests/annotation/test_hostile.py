"""Bad input and hostile days: whatever happens, an answer is in the ledger once, or comes back to whoever gave it."""

import json
import os
import uuid
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Flag, Judgment, Slot
from annotation.selectors import effective_judgments
from catalog.models import Item, ItemImage, ItemPayload, ItemVersion, Query
from rules.models import Publication, Release, Rule
from tests.people import PASSWORD
from webapp.common.blobs import blob_path, blob_put

from .conftest import begun, pairs_make
from .test_browser import answer, opened, saved

ClientFor = Callable[[Any], Client]
Browse = Callable[..., Page]
JSON = {"Accept": "application/json"}
NASTY = [
    "'; DROP TABLE annotation_judgment; --",
    '<script>alert(1)</script><img src=x onerror="alert(2)">',
    '=HYPERLINK("http://evil","x")',
    "{{ 7|add:7 }} {% now 'Y' %} ${7*7}",
    "\u202eback\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \U0001f457\U0001f469\u200d\U0001f680",
    "a" * 4000,
]


def url(name: str, campaign: Any) -> str:
    return reverse(f"annotation:{name}", args=["shop", campaign.pk])


def sent(campaign: Any, person: Any, release: Release, **values: Any) -> dict[str, Any]:
    slot = services.slots_hold(campaign=campaign, person=person, want=1)[0]
    fields = {
        "key": str(uuid.uuid4()),
        "slot": slot.pk,
        "lease": str(slot.lease),
        "release": release.pk,
        "grade": "4",
    }
    return {**fields, **values}


# --- without a browser ---


@pytest.mark.parametrize("text", NASTY)
def test_hostile_words_are_words(shop: SimpleNamespace, client_for: ClientFor, text: str) -> None:
    Query.objects.update(text=text[:500])
    ItemVersion.objects.update(title=text[:1000], brand=text[:120])
    ItemPayload.objects.update(description=text * 20, attributes={"colour": text, text[:50]: [text, 1, None]})
    campaign, client, me = shop.campaign(), client_for(shop.people.annotator), shop.people.annotator
    page = begun(client, campaign)
    assert "<script>alert" not in page and "<img src=x" not in page and "14 2" not in page
    fields = sent(campaign, me, shop.release, comment=text)
    assert client.post(url("judgment_submit", campaign), fields, headers=JSON).status_code == 200
    flag = {"slot": fields["slot"], "comment": text[:1000]}
    assert (
        client.post(url("flag_raise", campaign), flag | {"rule": text[:20]}, headers=JSON).status_code == 422
    )
    assert client.post(url("flag_raise", campaign), flag | {"rule": "r01"}, headers=JSON).status_code == 200
    assert Flag.objects.get().rule == Rule.objects.get()
    assert Judgment.objects.get().note.comment == text and Flag.objects.get().comment == text[:1000]
    editor = (
        client_for(shop.people.editor).get(reverse("annotation:triage_list", args=["shop"])).content.decode()
    )
    assert "<script>alert" not in editor


@pytest.mark.parametrize(
    "fields",
    [
        {"grade": "5"}, {"grade": "²"}, {"slot": "²"}, {"slot": "-1"}, {"have": "²,1,x," + "9" * 40}, {"holding": "²"},
        {"key": "no key"}, {"lease": "'"}, {"release": "9" * 30}, {"seconds": "nan"}, {"seconds": "-1"},
        {"suggestion": "77777"}, {"item_version": "77777"}, {"disagreement": "mood"}, {"rules_shown": "x" * 3000},
        {"comment": "a" * 4001}, {"comment": "a\0b"},
    ],
)  # fmt: skip
def test_odd_fields_are_refused_with_words_or_do_nothing(
    shop: SimpleNamespace, client_for: ClientFor, fields: dict[str, str]
) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    body = {**sent(campaign, shop.people.annotator, shop.release), **fields}
    response = client.post(url("judgment_submit", campaign), body, headers=JSON)
    assert response.status_code in {200, 404, 422}
    if response.status_code != 200:
        assert response.json()["error"]["message"] and not Judgment.objects.exists()
    assert client.post(url("subject_next", campaign), fields, headers=JSON).status_code == 200


def test_a_release_published_in_mid_judgment(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    assert "release 1" in begun(client, campaign)
    fields = sent(campaign, shop.people.annotator, shop.release)
    newer = Release.objects.create(corpus=shop.corpus, number=2, dimensions=["colour"], state="published")
    Publication.objects.create(corpus=shop.corpus, release=newer)
    response = client.post(url("judgment_submit", campaign), {**fields, "holding": "0"}, headers=JSON)
    assert response.status_code == 200
    assert Judgment.objects.get().release == shop.release
    assert f'name="release" value="{newer.pk}"' in json.dumps(response.json()).replace('\\"', '"')


def test_an_item_imported_again_or_deleted_in_mid_judgment(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    pair = shop.pairs[0]
    campaign, client = shop.campaign(pairs=[pair.pk], redundancy=2), client_for(shop.people.annotator)
    seen = pair.item.current
    fields = sent(campaign, shop.people.annotator, shop.release, item_version=seen.pk)
    newer = ItemVersion.objects.create(item=pair.item, content_hash="again", title="Evening dress, new text")
    Item.objects.filter(pk=pair.item_id).update(current=newer, deleted_at=timezone.now())
    assert client.post(url("judgment_submit", campaign), fields, headers=JSON).status_code == 200
    assert Judgment.objects.get().item_version == seen
    page = begun(client_for(shop.people.reviewer), campaign)
    assert "this item has been deleted" in page and "new text" in page


def test_a_description_of_30_000_characters_is_whole_and_folded(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    pair, text = shop.pairs[0], "long story " * 2727 + "its very end"
    assert len(text) > 30_000
    ItemPayload.objects.filter(version=pair.item.current).update(description=text)
    campaign, client = shop.campaign(pairs=[pair.pk], blind_share=1.0), client_for(shop.people.annotator)
    page = begun(client, campaign)
    assert "its very end" in page and '<details class="fold" data-description><summary>' in page
    fields = sent(campaign, shop.people.annotator, shop.release)
    assert client.post(url("judgment_submit", campaign), fields, headers=JSON).status_code == 200
    assert Judgment.objects.count() == 1


# --- in the browser ---

in_browser = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def browser_test(function: Any) -> Any:
    for mark in in_browser:
        function = mark(function)
    return function


@browser_test
def test_who_comes_too_late_keeps_what_she_typed(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(pairs=[shop.pairs[0].pk], blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    page.keyboard.press("c")
    page.keyboard.type("burgundy is a red, surely")
    page.keyboard.press("Escape")
    Slot.objects.update(lease_until="2020-01-01T00:00:00Z")
    services.leases_expire()
    other = services.slot_lease(campaign=campaign, person=shop.people.reviewer)
    assert other
    services.judgment_submit(
        key=uuid.uuid4(), slot=other, person=shop.people.reviewer, release=shop.release, grade=4
    )
    page.keyboard.press("2")
    page.keyboard.press("c")
    notice = page.locator("#work-notices .note-bad")
    expect(notice).to_contain_text("others have answered it")
    expect(notice.locator("pre")).to_have_text(
        "burgundy dress – Evening dress 0 red\nL2-colour\nComment: burgundy is a red, surely"
    )
    expect(notice).to_have_attribute("data-stays", "1")
    assert Judgment.objects.count() == 1
    saved(page)


@browser_test
def test_the_heartbeat_says_that_a_lease_ran_out(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(pairs=[shop.pairs[0].pk], blind_share=1.0)
    page = browse(shop.people.annotator)
    page.clock.install()
    opened(page, campaign, "grade")
    Slot.objects.update(lease_until="2020-01-01T00:00:00Z")
    services.leases_expire()
    page.clock.run_for(61_000)
    expect(page.locator("#work-notices")).to_contain_text("ran out")
    page.keyboard.press("4")
    page.clock.run_for(1000)
    expect(page.locator("#work-done")).to_have_text("1")
    page.wait_for_load_state("networkidle")


@browser_test
def test_two_windows_of_one_person_do_not_judge_the_same_pair(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(blind_share=1.0)
    one = opened(browse(shop.people.annotator), campaign, "grade")
    two = opened(one.context.new_page(), campaign, "grade")
    slots = [answer(one, "4")[0] for _ in range(3)]
    saved(one)
    subject = two.locator("#stage article.subject")
    expect(subject).not_to_have_attribute("data-slot", slots[0])
    slots += [answer(two, "3")[0] for _ in range(3)]
    saved(two)
    slots += [answer(one, "2")[0], answer(two, "1")[0]]
    saved(one)
    saved(two)
    assert len(set(slots)) == 8
    assert Judgment.objects.count() == effective_judgments(shop.corpus).count() == 8


@browser_test
def test_back_and_reload_show_what_is_next(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    slots = [answer(page, "4")[0] for _ in range(2)]
    saved(page)
    page.keyboard.press("c")
    page.keyboard.type("half a thought")
    page.goto("/c/shop/annotation/")
    page.go_back()
    expect(page.locator("#work[data-ready]")).to_be_attached()
    expect(page.locator("#stage article.subject input[name=comment]")).to_have_value("half a thought")
    assert page.locator("#stage article.subject").get_attribute("data-slot") not in slots
    answer(page, "3")
    saved(page)
    page.reload()
    expect(page.locator("#stage article.subject input[name=comment]")).to_have_value("")
    rows = Judgment.objects.order_by("at").select_related("note")
    assert [row.grade for row in rows] == [4, 4, 3] and rows[2].note.comment == "half a thought"


@browser_test
def test_a_clock_that_is_set_back_does_not_turn_the_order_round(
    shop: SimpleNamespace, browse: Browse
) -> None:
    campaign = shop.campaign(blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    page.route("**/judgments/", lambda route: route.abort())
    given = [answer(page, "4")]
    page.clock.set_system_time("2001-01-01T00:00:00Z")
    given += [answer(page, grade) for grade in "31"]
    expect(page.locator("#work")).to_have_attribute("data-kept", "3")
    page.reload()
    given.append(answer(page, "4"))
    page.unroute("**/judgments/")
    saved(page)
    rows = Judgment.objects.order_by("at")
    assert [(str(row.slot_id), row.grade) for row in rows] == [(slot, grade) for slot, grade, *_ in given]
    assert all(row.at.year > 2020 and row.seconds is not None and row.seconds < 60 for row in rows)


@browser_test
def test_signing_in_again_sends_what_was_kept(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    Session.objects.all().delete()
    answer(page, "4")
    answer(page, "3")
    expect(page.locator("#work-state")).to_contain_text("signed out")
    expect(page.locator("#work-notices")).to_contain_text("Sign in again in another tab")
    other = page.context.new_page()
    other.goto("/sign-in/")
    other.fill("#id_username", "annotator@example.org")
    other.fill("#id_password", PASSWORD)
    other.click("button.primary")
    expect(other.locator(".bar .who")).to_contain_text("Annotator")
    page.bring_to_front()
    saved(page)
    assert [row.grade for row in Judgment.objects.order_by("at")] == [4, 3]


@browser_test
def test_a_database_that_drops_everybody_in_mid_burst(shop: SimpleNamespace, browse: Browse) -> None:
    """Its connections are cut again and again while she judges: each answer is there once, in her order."""
    pairs = pairs_make(shop.corpus, 20, text="burgundy gown")
    campaign = shop.campaign(pairs=[pair.pk for pair in pairs], blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    given = []
    try:
        for number in range(12):
            given.append(answer(page, "4321"[number % 4]))
            cut_connections(connection.settings_dict["NAME"])
        given += [answer(page, "4") for _ in range(8)]
        saved(page)
    finally:
        connection.close()  # it was cut as well
    rows = Judgment.objects.order_by("at")
    assert [(str(row.slot_id), row.grade) for row in rows] == [(slot, grade) for slot, grade, *_ in given]
    campaign.refresh_from_db()
    assert campaign.slots_done == 20


def cut_connections(database: str) -> None:
    """From a connection of its own, which it spares."""
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("host", "port", "user", "password") if parameters.get(name)}
    with psycopg.connect(dbname=database, autocommit=True, **known) as own:
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [database],
        )


@browser_test
def test_a_five_megabyte_picture_and_a_missing_one(shop: SimpleNamespace, browse: Browse) -> None:
    holder = BytesIO()
    Image.frombytes("RGB", (1400, 1300), os.urandom(1400 * 1300 * 3)).save(holder, "PNG")
    assert len(holder.getvalue()) > 5_000_000
    big, gone = blob_put(holder.getvalue(), "image/png"), blob_put(b"GIF89a-not-there", "image/gif")
    blob_path(gone.sha256).unlink()
    for at, blob in enumerate((big, gone)):
        version = shop.pairs[at].item.current
        ItemImage.objects.create(
            version=version, position=0, url=f"https://example.org/{at}.png", state="stored", blob=blob
        )
    page = opened(browse(shop.people.annotator), shop.campaign(pairs=[p.pk for p in shop.pairs[:2]]), "grade")
    places = page.locator("#stage .verdict").bounding_box()
    page.keyboard.press("z")
    expect(page.locator("#work-zoom")).to_be_visible()
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "Boolean(document.activeElement.closest('#work-zoom')) || document.activeElement === document.body"
        )
    page.keyboard.press("Escape")
    expect(page.locator("#work-zoom")).not_to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("c")
    expect(page.locator("#stage .zoom.missing")).to_be_visible()
    assert page.locator("#stage .verdict").bounding_box() == places
    page.keyboard.press("2")
    page.keyboard.press("c")
    saved(page)
    assert Judgment.objects.count() == 2


@browser_test
def test_right_to_left_text_reads_from_its_side(shop: SimpleNamespace, browse: Browse) -> None:
    Query.objects.update(text="\u05e9\u05de\u05dc\u05d4 \u05d1\u05d5\u05e8\u05d3\u05d5")
    ItemVersion.objects.update(title="\u0641\u0633\u062a\u0627\u0646 \U0001f457 evening")
    page = opened(browse(shop.people.annotator), shop.campaign(blind_share=1.0), "grade")
    for part in (".query-strip h2", ".item-title"):
        assert (
            page.locator(f"#stage {part}").evaluate("element => getComputedStyle(element).direction") == "rtl"
        )
    page.keyboard.press("c")
    page.keyboard.type("\u05d0\u05d3\u05d5\u05dd \U0001f534")
    page.keyboard.press("Enter")
    page.keyboard.press("4")
    saved(page)
    assert Judgment.objects.get().note.comment == "\u05d0\u05d3\u05d5\u05dd \U0001f534"
