import pytest

from rules import services
from rules.models import Publication, Release
from rules.selectors import release_current
from tests.rules.shop import BRAND, EXACT, rule, stock

HOME = "/c/shop/rules/releases/"


@pytest.fixture
def shop(corpus):
    return stock(corpus)


@pytest.fixture
def written(corpus, people, shop):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    services.rule_create(corpus=corpus, form=EXACT, actor=people.editor)


def test_the_whole_way_from_draft_to_roll_back(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    response = editor.post(HOME + "new/", {"title": "Brands"}, follow=True)
    assert "Release 1: Brands" in response.text and "Hand to review" in response.text
    assert "<strong>4</strong> of 6 pairs" in editor.post(HOME + "1/impact/").text
    assert "Waiting for a second person" in editor.post(HOME + "1/submit/", follow=True).text
    assert editor.post(HOME + "1/sign-off/").status_code == 403
    assert editor.post(HOME + "1/publish/").status_code == 409
    assert "Signed off" in reviewer.post(HOME + "1/sign-off/", {"comment": "fine"}, follow=True).text
    response = editor.post(HOME + "1/publish/", {"reason": "first"}, follow=True)
    assert "Release 1 is in force" in response.text and "changed the verdict of 4 pairs" in response.text
    services.rule_edit(
        rule=release_current(corpus).entries.get(position=0).rule_version.rule,
        form=rule(title="Brand differs"),
        actor=people.editor,
    )
    editor.post(HOME + "new/", {})
    page = editor.get(HOME + "2/").text
    assert "<ins>Brand differs</ins>" in page and "<del>Another brand</del>" in page
    editor.post(HOME + "2/submit/")
    reviewer.post(HOME + "2/sign-off/")
    editor.post(HOME + "2/publish/")
    assert release_current(corpus).number == 2
    assert editor.post(HOME + "1/rollback/", {"reason": ""}).status_code == 422
    assert "in force again" in editor.post(HOME + "1/rollback/", {"reason": "too strict"}, follow=True).text
    assert release_current(corpus).number == 1
    log = editor.get(HOME).text
    assert "too strict" in log and log.count("since") == 3


def test_roles_outsiders_and_methods(corpus, people, written, client_for):
    release = services.release_create(corpus=corpus, actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    annotator, outsider, reviewer = (
        client_for(getattr(people, p)) for p in ("annotator", "outsider", "reviewer")
    )
    assert annotator.get(HOME).status_code == annotator.get(HOME + "1/").status_code == 200
    for step in ("submit", "sign-off", "publish", "rollback", "refresh", "discard", "return"):
        assert annotator.post(f"{HOME}1/{step}/").status_code == 403, step
        assert outsider.post(f"{HOME}1/{step}/").status_code == 404, step
        assert reviewer.get(f"{HOME}1/{step}/").status_code == (403 if step == "rollback" else 405), step
    assert annotator.post(HOME + "new/").status_code == 403 and outsider.get(HOME).status_code == 404
    assert annotator.get(HOME + "99/").status_code == 404
    assert reviewer.post(HOME + "1/publish/").status_code == 403
    assert Release.objects.get().state == "in_review"


def test_conflicts_and_failing_examples_are_shown_with_real_pairs(corpus, people, shop, client_for):
    other = rule(EXACT, code="R03", ladder=[{"when": "item.brand == 'Sony'", "grade": "L4"}], examples=[])
    bad = rule(examples=[{"query": {"brand": "A"}, "item": {"brand": "B"}, "grade": "L1"}])
    services.rulebook_import(corpus=corpus, document=[bad, other], actor=people.editor)
    editor = client_for(people.editor)
    editor.post(HOME + "new/")
    page = editor.post(HOME + "1/impact/").text
    assert "<strong>R01 and R03</strong> stand on opposite sides" in page and "apple phone" in page
    assert "has no example" in page
    assert "Example 1 of" in page and "expected L1, found L2 brand" in page
    editor.post(HOME + "1/submit/")
    client_for(people.reviewer).post(HOME + "1/sign-off/")
    response = editor.post(HOME + "1/publish/")
    assert response.status_code == 409 and "cannot be published" in response.text
    assert not Publication.objects.exists()


def test_a_draft_says_when_it_is_behind(corpus, people, written, client_for):
    editor = client_for(people.editor)
    editor.post(HOME + "new/")
    first = Release.objects.get().entries.get(position=0).rule_version.rule
    services.rule_edit(rule=first, form=rule(title="Newer"), actor=people.editor)
    assert "Take the newest of R01" in editor.get(HOME + "1/").text
    editor.post(HOME + "1/refresh/")
    assert "Take the newest" not in editor.get(HOME + "1/").text
    assert "gone" in editor.post(HOME + "1/discard/", follow=True).text and not Release.objects.exists()


def test_release_page_asks_a_fixed_number_of_queries(
    corpus, people, shop, client_for, django_assert_max_num_queries
):
    rules = [rule(EXACT, code=f"R{n:02d}", title=f"Rule {n}") for n in range(25)]
    services.rulebook_import(corpus=corpus, document=rules, actor=people.editor)
    editor = client_for(people.editor)
    editor.post(HOME + "new/")
    with django_assert_max_num_queries(21):
        assert "Rule 24" in editor.get(HOME + "1/").text


def test_a_sign_off_falls_when_another_release_is_published(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    for number in (1, 2):
        editor.post(HOME + "new/")
        editor.post(f"{HOME}{number}/submit/")
        reviewer.post(f"{HOME}{number}/sign-off/")
    editor.post(HOME + "1/publish/")
    assert "has to be signed off again" in reviewer.get(HOME + "2/").text
    assert editor.post(HOME + "2/publish/").status_code == 409
    assert "Sign off" in reviewer.get(HOME + "2/").text
    reviewer.post(HOME + "2/sign-off/")
    editor.post(HOME + "2/publish/")
    assert release_current(corpus).number == 2
