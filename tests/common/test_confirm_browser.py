"""What cannot be taken back is asked about first, in the words of what it would do."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser import check_accessible
from webapp.common.models import Corpus, Webhook
from webapp.common.webhooks import services

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# One click brings back what these take away.
UNDONE = {"rules/rule_detail.html": "", "rules/table_detail.html": "Remove"}


def test_every_dangerous_button_asks_first() -> None:
    silent = [
        (name, words)
        for path in sorted(TEMPLATES.rglob("*.html"))
        if (name := path.relative_to(TEMPLATES).as_posix())
        for tag, words in re.findall(
            r"(<button[^<]*?\bdanger\b.*?)>([^<>{]*)(?:{[^<]*)?</button>", path.read_text("utf-8")
        )
        if not any(word in tag for word in ("data-confirm", "data-dialog", "data-remove"))
        and UNDONE.get(name) != words
    ]
    assert silent == [("training/model_detail.html", "Roll back")]  # it stands in the dialog that asks


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_question_comes_before_the_loss(
    corpus: Corpus, people: SimpleNamespace, browse: Callable[..., Page]
) -> None:
    hook, _ = services.webhook_create(
        corpus=corpus, actor=people.admin, name="Ours", url="https://example.org/hook", kinds=[]
    )
    page = browse(people.admin, width=360)
    page.goto(f"/c/shop/webhooks/{hook.pk}/")
    page.get_by_role("button", name="Remove").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Remove the webhook Ours")
    expect(question.get_by_role("button", name="Leave it")).to_be_focused()
    check_accessible(page)
    page.keyboard.press("Enter")
    expect(question).to_have_count(0)
    expect(page.get_by_role("button", name="Remove")).to_be_focused()
    assert Webhook.objects.filter(pk=hook.pk).exists()
    page.keyboard.press("Enter")
    page.evaluate(
        "document.querySelector('form.card').remove()"
    )  # as a poll swaps a card while somebody thinks
    question.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/webhooks/")
    assert not Webhook.objects.filter(pk=hook.pk).exists()
