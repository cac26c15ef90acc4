"""A walk over every named URL for every role. A page that `access.py` does not list fails the test: say who may open it."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from .access import ACCESS, ALL, PUBLIC

WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY)\b|.*\bFOR (NO KEY )?UPDATE\b", re.I | re.S
)

VALUES = {
    "corpus": "shop",
    "pk": 987654,
    "number": 987654,
    "code": "R99",
    "secret": "none",
    "step": "sign-off",
    "form": "json",
    "name": "champion",
    "sha256": "0" * 64,
    "delivery": 987654,
}


def named(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern, list[str]]]:
    """(name, pattern, its arguments) of every named URL."""
    for pattern in resolver.url_patterns:
        own = list(pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            for name, leaf, arguments in named(pattern, inner):
                yield name, leaf, own + arguments
        elif pattern.name:
            yield space + pattern.name, pattern, own


URLS = {name: (pattern, arguments) for name, pattern, arguments in named(get_resolver())}


def address(name: str) -> str:
    pattern, arguments = URLS[name]
    values = dict(VALUES)
    for argument, converter in pattern.pattern.converters.items():
        if type(converter).__name__ == "UUIDConverter":
            values[argument] = uuid.UUID(int=1)
    return reverse(name, kwargs={argument: values[argument] for argument in arguments})


def test_every_named_url_is_listed():
    assert set(URLS) - set(ACCESS) == set(), "new pages: say in access.py who may open them"
    assert set(ACCESS) - set(URLS) == set(), "listed, but gone"


def ask(client: Client, name: str, method: str) -> int:
    response = client.generic(
        method, address(name), content_type="application/json" if "_api:" in name else ""
    )
    assert response.status_code < 500 or name == "shell:readyz", f"{name}: {response.status_code}"
    return response.status_code


@pytest.mark.parametrize("role", ALL)
def test_each_role_opens_what_is_hers_and_nothing_else(people, client_for, role):
    wrong = []
    for name, (method, who) in ACCESS.items():
        if name not in URLS or not isinstance(who, tuple):
            continue
        status = ask(client_for(getattr(people, role)), name, method)
        if (status == 403) == (role in who):
            wrong.append((name, role, status))
    assert wrong == []


def test_an_outsider_sees_nothing_of_the_shop(people, client_for):
    client = client_for(people.outsider)
    found = {
        name: ask(client, name, method)
        for name, (method, who) in ACCESS.items()
        if name in URLS and isinstance(who, tuple)
    }
    assert {name: status for name, status in found.items() if status != 404} == {}


def test_a_stranger_is_sent_to_the_sign_in(people):
    wrong = []
    for name, (method, who) in ACCESS.items():
        if name not in URLS or who in {PUBLIC, "link"}:
            continue
        status = ask(Client(), name, method)
        if status not in ({401, 403} if "api" in name.partition(":")[0] else {302}):
            wrong.append((name, status))
    assert wrong == []


def test_nothing_is_written_by_a_get(people, client_for):
    client = client_for(people.admin)
    posts = [name for name, (method, who) in ACCESS.items() if method == "POST" and name in URLS]
    wrong = {name: status for name in posts if (status := ask(client, name, "GET")) not in {405, 403}}
    assert wrong == {}


def test_looking_changes_no_row(people, client_for):
    """Every GET of everybody's pages, as the database sees it: no statement of it writes. (Signing in and keeping a
    session are Django's own and happen elsewhere.)"""
    written: list[tuple[str, str]] = []

    def watch(execute, sql, params, many, context):
        if WRITES.match(sql):
            written.append((name, sql[:120]))
        return execute(sql, params, many, context)

    for role in ALL:
        client = client_for(getattr(people, role))
        for name, (method, who) in ACCESS.items():
            if method == "GET" and name in URLS and isinstance(who, tuple) and role in who:
                with connection.execute_wrapper(watch):
                    ask(client, name, "GET")
    assert written == []
