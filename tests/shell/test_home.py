import pytest

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
