"""A person's own keys: kept with her account, refused where one would mean two things, and shown wherever one is named."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation import services
from annotation.errors import KeyClash
from annotation.keymap import ACTIONS, JUDGING, RANKING, REASON, clash_in, keymap_for, keys_of
from annotation.keys import dimension_keys
from annotation.models import Judgment, Skip
from annotation.selectors.keys import dimensions_keyed_for, keys_for
from webapp.common.models import AuditEntry, User

from .conftest import begun
from .test_browser import opened, saved

ClientFor = Callable[[Any], Client]


def test_the_defaults_do_not_clash() -> None:
    keys = keys_of({})
    assert clash_in(keys) is None
    for place in (JUDGING, RANKING, REASON):
        used = list(keymap_for(keys, place).values())
        assert len(used) == len(set(used))


def test_what_is_kept_and_no_key_is_left_out() -> None:
    found = keys_of({"skip": "q", "flag": "ff", "undo": " ", "nonsense": "k", "comment": "K"})
    assert found["skip"] == "q" and (found["flag"], found["undo"], found["comment"]) == ("f", "u", "c")
    assert set(found) == {action.name for action in ACTIONS}


@pytest.mark.parametrize(
    ("keys", "action", "words"),
    [
        ({"skip": "f"}, "flag", "skip, with a reason"),
        ({"skip": "x"}, "all_bad", "in ranking"),
        ({"skip": "3"}, "grade_3", "L3"),
        ({"zoom": "="}, "zoom", "fixed meaning"),
        ({"undo": ""}, "undo", "needs one key"),
        ({"why_rule_wrong": "n"}, "why_not_applicable", "the question why"),
        ({"grade_3": "w"}, "why_rule_wrong", "both “L3” and “the rule is wrong” in the question why"),
    ],
)
def test_clashes_name_both_sides(keys: dict[str, str], action: str, words: str) -> None:
    clash = clash_in({**keys_of({}), **keys})
    assert clash and words in clash.word
    assert clash.action in {action, *keys}


@pytest.mark.django_db
def test_keys_by_program(people: SimpleNamespace, client_for: ClientFor, shop: SimpleNamespace) -> None:
    client, address = client_for(people.annotator), f"/api/v1/corpora/{shop.corpus.slug}/keys/"

    def put(**body: Any) -> Any:
        return client.put(address, body, content_type="application/json")

    assert client.get(address).json()["keys"] == keys_of({})
    kept = put(keys={"skip": "q"}, dimensions={"colour": "k"}).json()
    assert kept["keys"]["skip"] == "q" and kept["dimensions"]["colour"] == "k"
    clash = put(keys={"skip": "f"})
    assert clash.status_code == 422 and "skip" in clash.json()["error"]["message"]
    unknown = put(keys={"jump": "j"})
    assert unknown.status_code == 400 and "jump" in str(unknown.json())
    assert client.get(address).json() == kept
    assert client.delete(address).json()["keys"] == keys_of({})
    assert client_for(people.outsider).get(address).status_code == 404
    assert AuditEntry.objects.filter(action__in=["keys.set", "keys.reset"]).count() == 2


def test_dimension_letters_of_ones_own() -> None:
    names = ["colour", "category", "brand"]
    assert dimension_keys(names) == [("c", "colour"), ("a", "category"), ("b", "brand")]
    assert dimension_keys(names, {"category": "c", "gone": "x"}) == [
        ("o", "colour"),
        ("c", "category"),
        ("b", "brand"),
    ]


def test_no_dimension_has_the_letter_of_a_grade(shop: SimpleNamespace) -> None:
    me = shop.people.annotator
    services.keys_set(actor=me, corpus=shop.corpus, keys={"comment": "y", "grade_2": "c"}, dimensions={})
    assert ("o", "colour") in dimensions_keyed_for(User.objects.get(pk=me.pk), shop.release)


def test_setting_and_resetting(shop: SimpleNamespace) -> None:
    me = shop.people.annotator
    services.keys_set(
        actor=me, corpus=shop.corpus, keys={"skip": "Q", "cite": "s"}, dimensions={"colour": "k"}
    )
    again = User.objects.get(pk=me.pk)
    assert (keys_for(again)["skip"], keys_for(again)["cite"]) == ("q", "s")
    assert again.preferences["annotation_keys"] == {"skip": "q", "cite": "s"}
    assert ("k", "colour") in dimensions_keyed_for(again, shop.release)
    assert AuditEntry.objects.filter(action="keys.set", actor=me).exists()
    assert keys_for(shop.people.reviewer)["skip"] == "s"
    with pytest.raises(KeyClash):
        services.keys_set(actor=me, corpus=shop.corpus, keys={}, dimensions={"colour": "b", "brand": "b"})
    with pytest.raises(KeyClash):
        services.keys_set(actor=me, corpus=shop.corpus, keys={}, dimensions={"colour": "7"})
    with pytest.raises(KeyClash, match="both “colour” and “L1”"):  # L1 would be given, not the dimension
        services.keys_set(actor=me, corpus=shop.corpus, keys={"grade_1": "j"}, dimensions={"colour": "j"})
    services.keys_reset(actor=me, corpus=shop.corpus)
    assert keys_for(User.objects.get(pk=me.pk)) == keys_of({})


def test_the_page_keeps_refuses_and_resets(shop: SimpleNamespace, client_for: ClientFor) -> None:
    client, address = client_for(shop.people.annotator), reverse("annotation:keymap_edit", args=["shop"])
    whole = {**keys_of({}), "dimension_colour": "c"}
    refused = client.post(address, {**whole, "skip": "u"})
    assert refused.status_code == 422
    assert (
        "“u” is both “skip, with a reason” and “take the last answer back, ten deep”"
        in refused.content.decode()
    )
    assert client.post(address, {**whole, "skip": "q", "dimension_colour": "k"}).status_code == 302
    assert 'value="q"' in client.get(address).content.decode()
    campaign = shop.campaign()
    page = begun(client, campaign)
    assert "<kbd>Q</kbd> Skip" in page and "<kbd>Q</kbd></dt><dd>skip, with a reason" in page
    assert '"skip": "q"' in page and 'data-letter="k"' in page
    assert client.post(reverse("annotation:keymap_reset", args=["shop"])).status_code == 302
    assert 'value="q"' not in client.get(address).content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_her_own_keys_judge(shop: SimpleNamespace, browse: Callable[..., Page]) -> None:
    page = browse(shop.people.annotator)
    page.goto(reverse("annotation:keymap_edit", args=["shop"]))
    page.get_by_label("L4", exact=True).focus()
    page.keyboard.press("j")
    page.get_by_label("comment", exact=True).focus()
    page.keyboard.press("s")  # skip has it: said at once, and not sent
    assert page.get_by_label("comment", exact=True).get_attribute("aria-invalid") == "true"
    page.get_by_label("skip, with a reason").focus()
    page.keyboard.press("q")
    page.get_by_label("colour", exact=True).focus()
    page.keyboard.press("x")
    page.get_by_role("button", name="Save my keys").click()
    expect(page.get_by_text("these are your keys from now on")).to_be_visible()
    opened(page, shop.campaign(pairs=[pair.pk for pair in shop.pairs[:3]], blind_share=1.0), "grade")
    page.keyboard.press("4")  # means nothing any more
    page.keyboard.press("j")
    page.keyboard.press("2")
    page.keyboard.press("x")
    page.keyboard.press("?")
    expect(page.locator("#work-keys")).to_contain_text("J")
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    expect(page.locator("#work-skip")).to_be_visible()
    page.keyboard.press("1")
    saved(page)
    rows = Judgment.objects.order_by("at")
    assert [(row.grade, row.dimension) for row in rows] == [(4, ""), (2, "colour")]
    assert Skip.objects.get().person == shop.people.annotator
