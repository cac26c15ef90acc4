"""The examples of docs/api.md, run against a live server with the client of docs/client; and the schema they rely on."""

import re
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from annotation.models import Flag, Judgment, Skip
from webapp.common.jobs import job_run
from webapp.common.models import Job, Membership
from webapp.common.services import api_key_create

from ..annotation.conftest import release, shop  # noqa: F401  (fixtures)

DOCS = Path(settings.BASE_DIR) / "docs"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker in a thread, for jobs the examples wait for."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.1):
            for pk in Job.objects.filter(state="queued").values_list("pk", flat=True):
                job_run(pk)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_the_examples_run(
    shop: SimpleNamespace, live_server: Any, worker: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,  # noqa: F811
    settings: Any, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    settings.LORE_HOME, settings.BLOB_ROOT = tmp_path, tmp_path / "blobs"
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(DOCS / "client"))
    monkeypatch.delitem(sys.modules, "lore_client", raising=False)
    person = shop.people.reviewer
    Membership.objects.create(user=person, corpus=shop.corpus, role="admin")
    names = {"url": live_server.url, "key": ""}
    # a key carries one role: reviewers judge and run campaigns, admins import
    keys = {
        role: api_key_create(corpus=shop.corpus, user=person, role=role, name=role)[1]
        for role in ("reviewer", "admin")
    }
    for number, example in enumerate(EXAMPLE.findall((DOCS / "api.md").read_text())):
        names["key"] = keys["reviewer"]
        if "import_file" in example:
            names["lore"].key = keys["admin"]  # type: ignore[attr-defined]
        exec(compile(example, f"docs/api.md example {number + 1}", "exec"), names)  # noqa: S102  (our own page)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "3" and said[1] == "422 dimension_needed"
    assert Judgment.objects.count() == 4  # three answers, and one taken back
    assert Flag.objects.get().rule is not None and Skip.objects.get().reason == "unsure"
    assert (tmp_path / "judgments.jsonl").read_text().count("\n") == int(said[2].split()[0]) == 4
    assert "known judgments" in said[3] and said[3].endswith(" 0")


def test_the_schema_is_clean(tmp_path: Path) -> None:
    """No operation is named twice, no answer is without a shape, and the document is valid."""
    call_command(
        "spectacular", "--validate", "--fail-on-warn", file=str(tmp_path / "schema.yml"), stderr=StringIO()
    )
    text = (tmp_path / "schema.yml").read_text()
    assert "operationId: annotation_judgment_submit_post" in text and "scheme: bearer" in text
