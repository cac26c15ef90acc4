"""The named people of every test: four with one role each in the shop, and an outsider who must see nothing of it."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from webapp.common.models import Corpus, Membership, Role, User

PASSWORD = "correct horse battery"


@pytest.fixture
def corpus(db: None) -> Corpus:
    return Corpus.objects.create(slug="shop", name="Shop")


@pytest.fixture
def people(corpus: Corpus) -> SimpleNamespace:
    """annotator, reviewer, editor, admin (each a User with that one role), and outsider (member of another corpus)."""
    found = {role: _person(role, corpus, role) for role in Role.values}
    other = Corpus.objects.create(slug="elsewhere", name="Elsewhere")
    found["outsider"] = _person("outsider", other, Role.ADMIN)
    return SimpleNamespace(**found)


def _person(name: str, corpus: Corpus, role: str) -> User:
    user = User.objects.create_user(f"{name}@example.org", name.title(), PASSWORD)
    Membership.objects.create(user=user, corpus=corpus, role=role)
    return user


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
