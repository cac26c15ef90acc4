import threading

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from rules import services
from rules.engine import Resolution
from rules.models import Publication, Release, Rule, RuleExample, RuleVersion, VerdictChange
from rules.selectors import release_current, rule_lines, rulebook_for, version_form
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.errors import Conflict, Invalid, Refused
from webapp.common.events import events_deliver
from webapp.common.models import AuditEntry, Job, OutboxEvent


@pytest.fixture
def shop(corpus):
    return stock(corpus)


def released(corpus, people, *forms, reason=""):
    """A published release of these rules by the editor, signed off by the reviewer."""
    for form in forms:
        if not Rule.objects.filter(corpus=corpus, code=form["code"]).exists():
            services.rule_create(corpus=corpus, form=form, actor=people.editor)
    release = services.release_create(corpus=corpus, actor=people.editor, title="A rulebook")
    services.release_submit(release=release, actor=people.editor)
    services.release_sign_off(release=release, actor=people.reviewer)
    services.release_publish(release=release, actor=people.editor, reason=reason)
    release.refresh_from_db()
    return release


def test_rule_create_writes_version_examples_audit_and_asks_for_statistics(corpus, people):
    version = services.rule_create(corpus=corpus, form=BRAND, actor=people.editor, note="first")
    assert (version.number, version.state, version.note) == (1, "draft", "first")
    assert version.examples.count() == 2 and version.rule.latest == version
    entry = AuditEntry.objects.get(action="rule.create")
    assert entry.actor == people.editor and entry.subject_name == "R01 v1"
    assert Job.objects.get(kind="rules.statistics").arguments == {"versions": [version.pk]}


def test_a_code_is_taken_once(corpus, people):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    with pytest.raises(Conflict, match="already"):
        services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ladder": [{"when": "query.brand ==", "grade": "L2"}]}, "ladder.1"),
        ({"scope": "nonsense(query.brand)"}, "scope"),
        ({"ladder": []}, "ladder"),
        ({"ladder": [{"when": "true", "grade": "L9"}]}, "grade"),
        ({"code": "no spaces"}, "code"),
        ({"priority": 1.5}, "priority"),
        ({"yields_to": ["R01"]}, "itself"),
        ({"colour": "x"}, "colour"),
        ({"title": "x" * 200}, "title"),
        ({"principle": 5}, "principle"),
        ({"scope": "true " * 9000}, "scope"),
    ],
)
def test_bad_rules_are_refused_with_the_place(corpus, people, change, words):
    with pytest.raises(Invalid) as refusal:
        services.rule_create(corpus=corpus, form=rule(**change), actor=people.editor)
    assert words in refusal.value.message
    assert not Rule.objects.exists() and not AuditEntry.objects.exists()


def test_an_edit_is_a_new_version_and_the_same_text_is_none(corpus, people):
    first = services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    same = services.rule_edit(rule=first.rule, form=BRAND, actor=people.editor, base=1)
    second = services.rule_edit(
        rule=first.rule, form=rule(title="Wrong brand"), actor=people.editor, base=1, note="short"
    )
    assert same.pk == first.pk and second.number == 2
    entry = AuditEntry.objects.get(action="rule.edit")
    assert entry.data == {"from": 1, "changed": ["title"], "note": "short"}


def test_two_editors_never_overwrite(corpus, people):
    first = services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    services.rule_edit(rule=first.rule, form=rule(title="Hers"), actor=people.editor, base=1)
    with pytest.raises(services.EditClash) as clash:
        services.rule_edit(rule=first.rule, form=rule(title="His"), actor=people.admin, base=1)
    assert clash.value.theirs.title == "Hers"
    assert first.rule.versions.count() == 2


def test_restore_writes_the_old_text_as_a_new_version(corpus, people):
    first = services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    services.rule_edit(rule=first.rule, form=rule(title="Other"), actor=people.editor)
    third = services.rule_restore(rule=first.rule, number=1, actor=people.editor)
    assert third.number == 3 and version_form(third) == version_form(first)


def test_release_flow(corpus, people, shop):
    release = released(corpus, people, BRAND, EXACT)
    assert release.number == 1 and release.state == "published" and release.signed_off_by == people.reviewer
    assert release_current(corpus) == release
    assert set(RuleVersion.objects.values_list("state", flat=True)) == {"published"}
    changes = {
        c.pair: (c.before, c.after) for c in VerdictChange.objects.filter(publication__release=release)
    }
    assert changes == {
        shop.pairs["apple", "A"]: ("", "[L4]"),
        shop.pairs["apple", "B"]: ("", "[L2-brand]"),
        shop.pairs["sony", "A"]: ("", "[L2-brand]"),
        shop.pairs["sony", "B"]: ("", "[L4]"),
    }
    entry = AuditEntry.objects.get(action="release.publish")
    assert entry.data["changed"] == 4 and entry.data["contradicted"] == 1 and entry.data["confirmed"] == 3
    event = OutboxEvent.objects.get(kind="release.published")
    made = Publication.objects.get()
    assert event.payload == {
        "publication": made.pk, "release": release.pk, "number": 1, "previous": None,
    }  # fmt: skip
    assert made.verdicts_changed == 4


def test_rule_lines_name_the_deciding_rule_first(corpus, people, shop):
    release = released(corpus, people, BRAND, EXACT)
    resolution = rulebook_for(release).evaluate({"brand": "Apple"}, {"brand": "Sony"})
    assert isinstance(resolution, Resolution)
    (line,) = rule_lines(release, resolution, 3)
    assert (line.code, line.grade, line.reason) == ("R01", "L2", "asked for Apple, this is Sony")
    assert line.text == "A query that names a brand wants that brand."


def test_the_author_cannot_sign_off_her_own(corpus, people, shop):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    release = services.release_create(corpus=corpus, actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    with pytest.raises(Refused, match="somebody else"):
        services.release_sign_off(release=release, actor=people.editor)
    with pytest.raises(Conflict, match="second person"):
        services.release_publish(release=release, actor=people.editor)
    assert release_current(corpus) is None


def test_the_writer_of_all_that_is_new_cannot_sign_off_through_another(corpus, people, shop):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    release = services.release_create(corpus=corpus, actor=people.admin)
    services.release_submit(release=release, actor=people.admin)
    with pytest.raises(Refused, match="everything that is new"):
        services.release_sign_off(release=release, actor=people.editor)


def test_a_failing_example_refuses_publishing(corpus, people, shop):
    wrong = rule(examples=[{"query": {"brand": "A"}, "item": {"brand": "B"}, "grade": "L3"}])
    services.rule_create(corpus=corpus, form=wrong, actor=people.editor)
    release = services.release_create(corpus=corpus, actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    services.release_sign_off(release=release, actor=people.reviewer)
    with pytest.raises(Conflict, match="Example 1 of R01 fails"):
        services.release_publish(release=release, actor=people.editor)
    release.refresh_from_db()
    assert (
        release.state == "in_review"
        and not Publication.objects.exists()
        and not VerdictChange.objects.exists()
    )


def test_an_unresolved_conflict_refuses_publishing(corpus, people, shop):
    other = rule(EXACT, code="R03", ladder=[{"when": "item.brand == 'Sony'", "grade": "L4"}], examples=[])
    for form in (BRAND, other):
        services.rule_create(corpus=corpus, form=form, actor=people.editor)
    release = services.release_create(corpus=corpus, actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    services.release_sign_off(release=release, actor=people.reviewer)
    with pytest.raises(Conflict, match="R01 and R03 stand on opposite sides of the relevant line on 1 pair"):
        services.release_publish(release=release, actor=people.editor)


def test_a_release_in_review_does_not_change_and_can_go_back(corpus, people, shop):
    version = services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    release = services.release_create(corpus=corpus, actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    with pytest.raises(Conflict):
        services.release_refresh(release=release, actor=people.editor)
    version.refresh_from_db()
    assert version.state == "in_review"
    services.release_return(release=release, actor=people.reviewer, reason="wording")
    version.refresh_from_db()
    assert version.state == "draft"
    services.release_discard(release=release, actor=people.editor)
    assert not Release.objects.filter(corpus=corpus).exists()


def test_what_is_published_cannot_be_changed_even_in_the_database(corpus, people, shop):
    release = released(corpus, people, BRAND)
    version = RuleVersion.objects.get()
    for change in (
        lambda: RuleVersion.objects.filter(pk=version.pk).update(title="x"),
        lambda: RuleVersion.objects.filter(pk=version.pk).delete(),
        lambda: RuleExample.objects.filter(version=version).update(note="x"),
        lambda: RuleExample.objects.create(version=version),
        lambda: Release.objects.filter(pk=release.pk).update(title="x"),
        lambda: release.entries.all().delete(),
        lambda: Publication.objects.update(reason="x"),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()


def test_rollback_puts_an_earlier_release_in_force(corpus, people, shop):
    first = released(corpus, people, BRAND)
    services.rule_create(corpus=corpus, form=EXACT, actor=people.editor)
    second = released(corpus, people)
    assert release_current(corpus) == second
    with pytest.raises(Invalid):
        services.release_rollback(release=first, actor=people.admin, reason=" ")
    services.release_rollback(release=first, actor=people.admin, reason="too strict")
    assert release_current(corpus) == first
    changes = VerdictChange.objects.filter(publication__release=first, before="[L4]", after="")
    assert changes.count() == 2
    entry = AuditEntry.objects.get(action="release.rollback")
    assert entry.data["reason"] == "too strict" and entry.data["previous"] == 2
    with pytest.raises(Conflict, match="in force"):
        services.release_rollback(release=first, actor=people.admin, reason="again")


def test_import_makes_release_0_and_never_puts_it_over_another(corpus, people, shop):
    OutboxEvent.objects.create(
        corpus=corpus, kind="import.finished", payload={"source": "Set X", "grade_map": {"3": "L4"}}
    )
    events_deliver()
    zero = release_current(corpus)
    assert zero.number == 0 and zero.external and zero.grade_map == {"3": "L4"}
    first = released(corpus, people, BRAND)
    OutboxEvent.objects.create(
        corpus=corpus, kind="import.finished", payload={"source": "Set X", "grade_map": {}}
    )
    events_deliver()
    assert release_current(corpus) == first and Release.objects.filter(number=0).count() == 1


def test_rulebook_round_trip_is_exact(corpus, people, shop):
    document = {"rules": [BRAND, EXACT]}
    first = services.rulebook_import(corpus=corpus, document=document, actor=people.editor)
    exported = services.rulebook_export(corpus=corpus)
    second = services.rulebook_import(corpus=corpus, document=exported, actor=people.editor)
    assert first.created == ("R01", "R02") and second.same == ("R01", "R02") and not second.changed
    assert services.rulebook_export(corpus=corpus) == exported
    assert RuleVersion.objects.count() == 2


def test_a_rulebook_with_one_bad_rule_changes_nothing(corpus, people):
    with pytest.raises(Invalid, match="R02"):
        services.rulebook_import(
            corpus=corpus, document=[BRAND, rule(EXACT, scope="((")], actor=people.editor
        )
    assert not Rule.objects.exists()


def test_rulebook_publish_takes_every_step(corpus, people, shop):
    publication = services.rulebook_publish(
        corpus=corpus,
        document={"rules": [BRAND]},
        author=people.editor,
        reviewer=people.reviewer,
        title="Starter",
    )
    assert publication.release.title == "Starter" and release_current(corpus) == publication.release


@pytest.mark.django_db(transaction=True)
def test_two_releases_published_at_the_same_instant(corpus, people, shop):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    releases = [services.release_create(corpus=corpus, actor=people.editor) for _ in range(2)]
    for release in releases:
        services.release_submit(release=release, actor=people.editor)
        services.release_sign_off(release=release, actor=people.reviewer)
    start, outcomes = threading.Barrier(2), []

    def publish(release):
        try:
            start.wait()
            services.release_publish(release=release, actor=people.editor)
            outcomes.append("published")
        except Conflict as conflict:
            outcomes.append(conflict.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=(release,)) for release in releases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["base_moved", "published"]
    assert (
        Publication.objects.count() == 1 and OutboxEvent.objects.filter(kind="release.published").count() == 1
    )
    assert Release.objects.filter(state="published").count() == 1
