"""What contradicts itself on any corpus is not published, even where no pair of this one shows it."""

import pytest

from rules import services
from rules.models import Publication
from rules.selectors import release_current
from tests.rules.shop import BRAND, EXACT, rule, stock
from tests.rules.test_review_services import signed
from webapp.common.errors import Conflict

RARE = 'item.color == "violet"'  # no item of the shop


def _rare(code, grade, **changed):
    ladder = [{"when": 'item.brand == "Nobody"', "grade": grade}]
    return rule(EXACT, code=code, scope=RARE, ladder=ladder, examples=[], **changed)


@pytest.fixture
def shop(corpus):
    return stock(corpus)


@pytest.mark.parametrize(
    ("forms", "said"),
    [
        ([_rare("R03", "L4"), _rare("R04", "L1")], "asks the same as step 1"),
        ([_rare("R03", "L4", yields_to=["R04"]), _rare("R04", "L1", yields_to=["R03"])], "in a circle"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(corpus, people, shop, forms, said):
    release = signed(corpus, people, *forms)
    with pytest.raises(Conflict, match=said) as refused:
        services.release_publish(release=release, actor=people.editor)
    assert refused.value.code == "publish_blocked" and refused.value.extra["reasons"]
    assert release_current(corpus) is None and not Publication.objects.exists()


def test_what_only_looks_wrong_is_published_with_a_warning(corpus, people, shop):
    release = signed(corpus, people, BRAND, rule(EXACT, yields_to=["R77"]))
    services.release_publish(release=release, actor=people.editor)
    check = release.checks.get(name="lint")
    assert not check.ok and not check.blocking and "exceptions astray 1" in check.message
