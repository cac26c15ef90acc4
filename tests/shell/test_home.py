import pytest

from rules.models import Release
from webapp.common.jobs import _kinds, job_title
from webapp.common.models import Corpus, Membership


@pytest.mark.parametrize(
    ("role", "first"),
    [
        ("annotator", "Judge and rank"),
        ("reviewer", "Judge and rank"),
        ("editor", "Write and test rules"),
        ("admin", "Import data"),
    ],
)
def test_home_says_what_to_do_next(people, client_for, role, first):
    response = client_for(getattr(people, role)).get("/", follow=True)
    assert response.context["steps"][0].title == first and response.redirect_chain[-1][0] == "/c/shop/"


def test_an_outsider_sees_nothing_of_a_corpus(people, client_for):
    client = client_for(people.outsider)
    assert client.get("/c/shop/").status_code == 404
    assert "Shop" not in client.get("/", follow=True).text


def test_only_an_owner_makes_a_corpus(people, client_for):
    client = client_for(people.admin)
    assert client.post("/corpora/new/", {"name": "Books"}).status_code == 403
    people.admin.is_owner = True
    people.admin.save()
    assert client.post("/corpora/new/", {"name": "Books"}).status_code == 302
    assert Membership.objects.get(corpus__slug="books").role == "admin"
    assert client.post("/corpora/new/", {"name": "Books"}).status_code == 409
    assert client.post("/corpora/new/", {"name": "  "}).status_code == 422
    assert Corpus.objects.filter(slug="books").count() == 1


def test_home_counts_what_waits_for_a_reviewer(corpus, people, client_for):
    Release.objects.create(corpus=corpus, number=1, state=Release.State.IN_REVIEW, author=people.editor)
    steps = {step.title: step for step in client_for(people.reviewer).get("/c/shop/").context["steps"]}
    assert (steps["Settle disagreements"].waiting, steps["Releases"].waiting) == (0, 1)
    assert "People agree" in steps["Settle disagreements"].detail and steps["Releases"].primary
    assert "Releases" not in {
        step.title for step in client_for(people.annotator).get("/c/shop/").context["steps"]
    }


def test_pages_call_every_kind_of_work_by_a_title():
    kinds = {name for name in _kinds if not name.startswith("test.")}
    assert len(kinds) > 15 and {name for name in kinds if job_title(name) == name} == set()
