"""The sample workspace, as its first visitors meet it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from rules.review_selectors import release_news
from rules.selectors import release_current
from rules.services import release_external_ensure
from tests.rules.shop import BRAND
from webapp.common.models import Corpus, Role
from webapp.shell import sample

pytestmark = pytest.mark.django_db


def test_the_rulebook_of_the_sample_is_no_news_to_its_people(
    corpus: Corpus, people: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "rulebook.json").write_text(json.dumps({"rules": [BRAND]}))
    by_role = {
        role: getattr(people, role) for role in (Role.ANNOTATOR, Role.REVIEWER, Role.EDITOR, Role.ADMIN)
    }
    release_external_ensure(corpus=corpus, source="made up", grade_map={})
    sample._rulebook(corpus, tmp_path, by_role)
    release = release_current(corpus)
    assert release is not None and not release.external
    assert [role for role, person in by_role.items() if release_news(corpus, person)] == []
