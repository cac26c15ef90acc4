"""The pages that the rooms' own browser tests do not open: clean for axe, wide and light, on a phone and dark."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from serving.models import ServedRequest
from tests.browser import check_accessible
from tests.rules.shop import stock
from webapp.common.models import Corpus, Job, Membership, Role
from webapp.common.notifications import notification_send
from webapp.common.services import membership_set

from .access import ACCESS
from .test_walk import URLS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOMS = ("shell", "common", "training", "serving")
NO_PAGES = {"shell:healthz", "shell:readyz", "common:notification_bell"}


def addresses() -> list[str]:
    """Every page of these rooms that needs no object."""
    names = [name for name, (method, _) in ACCESS.items() if method == "GET" and name.split(":")[0] in ROOMS]
    found = [(name, URLS[name][1]) for name in names if name not in NO_PAGES]
    return [
        reverse(name, kwargs=dict.fromkeys(arguments, "shop"))
        for name, arguments in found
        if set(arguments) <= {"corpus"}
    ]


def served(corpus: Corpus) -> ServedRequest:
    """A request for two items, one of them without a grade, as the log keeps it."""
    items = stock(corpus).items
    rows = [
        {"item_version": items[name].current_id, "product": name, "grade": grade, "p": odds, "tier": "model"}
        for name, grade, odds in (("A", 4, [0.1, 0.1, 0.1, 0.7]), ("B", None, None))
    ]
    return ServedRequest.objects.create(corpus=corpus, query_text="apple phone", items=rows, milliseconds=3)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_each_page_is_accessible_and_does_not_overflow(
    corpus: Corpus, people: SimpleNamespace, browse: Callable[..., Page], width: int, dark: bool
) -> None:
    admin = people.admin
    admin.is_owner = True
    admin.save()
    for role in Role.values:
        Membership.objects.get_or_create(user=admin, corpus=corpus, role=role)
    membership_set(
        corpus=corpus, user=people.annotator, roles=["annotator", "reviewer"], actor=admin
    )  # audited
    notification_send(person=admin, corpus=corpus, kind="annotation.assigned", text="Kept for you.", url="/")
    for state in ("queued", "done", "failed"):
        Job.objects.create(corpus=corpus, kind="annotation.export", state=state, error="no disk")
    page, wrong = browse(admin, width=width, dark=dark), []
    found = [*addresses(), reverse("serving:request_detail", args=[corpus.slug, served(corpus).pk])]
    assert len(found) > 12
    for address in found:
        answer = page.goto(address)
        if answer is None or answer.status >= 500:
            wrong.append(address)
        check_accessible(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(address)
    assert wrong == []
