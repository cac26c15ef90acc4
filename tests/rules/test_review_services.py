"""Around a release: the replay gate, comments, notices, news, presence, bulk changes, one-key examples."""

from datetime import timedelta

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from catalog.models import SettledVerdict
from relevance.splits import split_assign, split_seed
from rules import services
from rules.impact import release_impact
from rules.models import (
    EditorPresence,
    ReplayEntry,
    ReplaySet,
    Rule,
    RuleVersion,
)
from rules.replay import Replay
from rules.review_selectors import release_news
from rules.selectors import release_current
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.errors import Conflict, DomainError, Invalid, Refused
from webapp.common.jobs import job_run
from webapp.common.models import AuditEntry, Job, Notification, OutboxEvent

WRONG = rule(EXACT, ladder=[{"when": "query.brand == item.brand", "grade": "L1"}], examples=[])


@pytest.fixture
def shop(corpus):
    return stock(corpus)


def signed(corpus, people, *forms):
    """A signed-off release of the newest versions, after writing these rules."""
    for form in forms:
        known = Rule.objects.filter(corpus=corpus, code=form["code"]).first()
        if known:
            services.rule_edit(rule=known, form=form, actor=people.editor)
        else:
            services.rule_create(corpus=corpus, form=form, actor=people.editor)
    release = services.release_create(corpus=corpus, actor=people.editor, title="A rulebook")
    services.release_submit(release=release, actor=people.editor)
    return services.release_sign_off(release=release, actor=people.reviewer)


def published(corpus, people, *forms):
    release = signed(corpus, people, *forms)
    services.release_publish(release=release, actor=people.editor)
    release.refresh_from_db()
    return release


QUERIES = ["apple phone", "sony camera"]


def frozen(corpus, people):
    return services.replay_set_create(corpus=corpus, actor=people.reviewer, queries=QUERIES, note="first")


# ---------------------------------------------------------------- replay gate


def test_a_replay_set_of_training_queries_leaves_held_out_ones_unseen(corpus, people, shop):
    made = services.replay_set_create(corpus=corpus, actor=people.reviewer)
    split = split_assign(split_seed("shop"), [query.key for query in shop.queries.values()])
    keys = set(ReplayEntry.objects.filter(replay_set=made).values_list("pair__query__key", flat=True))
    assert keys == {key for key, part in split.items() if part == "train"} and made.selection["held_out"] == 0
    named = frozen(corpus, people)
    assert (named.number, named.pairs, named.queries) == (2, 4, 2) and named.selection["held_out"] == 2
    entry = AuditEntry.objects.filter(action="replay_set.create").latest("id")
    assert entry.data["hash"] == named.content_hash and entry.actor == people.reviewer


def test_a_replay_set_is_never_changed_and_the_same_one_is_refused(corpus, people, shop):
    made = frozen(corpus, people)
    with pytest.raises(Conflict, match="exactly these"):
        frozen(corpus, people)
    with pytest.raises(Invalid, match="nokia"):
        services.replay_set_create(corpus=corpus, actor=people.admin, queries=["nokia"])
    for change in (
        lambda: ReplaySet.objects.update(note="x"),
        lambda: made.entries.all().delete(),
        lambda: made.entries.update(grade=1),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()
    SettledVerdict.objects.filter(pair=shop.pairs["apple", "A"]).update(grade=3)
    assert frozen(corpus, people).number == 2, "what is settled has moved: a new set supersedes"


def test_a_loss_on_the_replay_set_needs_a_reason_which_the_audit_log_keeps(corpus, people, shop):
    published(corpus, people, BRAND, EXACT)
    frozen(corpus, people)
    release = signed(corpus, people, WRONG)
    replay = release_impact(release).replay
    assert (replay.right_before, replay.right_after, replay.pairs) == (3, 1, 4) and replay.is_too_much
    assert {flip.pair_id for flip in replay.lost} == {shop.pairs["apple", "A"].pk, shop.pairs["sony", "B"].pk}
    with pytest.raises(Conflict) as refusal:
        services.release_publish(release=release, actor=people.editor)
    assert refusal.value.code == "replay_loss" and refusal.value.extra["replay"]["accuracy_before"] == 0.75
    assert release_current(corpus).number == 1 and not AuditEntry.objects.filter(action__endswith="override")
    services.release_publish(release=release, actor=people.editor, override="the brand rule was gamed")
    entry = AuditEntry.objects.get(action="release.replay_override")
    assert entry.data["reason"] == "the brand rule was gamed" and entry.data["accuracy_after"] == 0.25
    assert release.checks.get(name="replay").ok is False


def test_a_gain_or_no_change_needs_no_override(corpus, people, shop):
    published(corpus, people, BRAND)
    frozen(corpus, people)
    release = signed(corpus, people, EXACT)
    assert release_impact(release).replay.loss < 0
    services.release_publish(release=release, actor=people.editor)
    assert not AuditEntry.objects.filter(action="release.replay_override").exists()


def test_a_roll_back_that_loses_accuracy_says_so_in_the_audit_log(corpus, people, shop):
    first = published(corpus, people, BRAND)
    published(corpus, people, EXACT)
    frozen(corpus, people)
    with pytest.raises(Conflict) as refusal:
        services.release_rollback(release=first, actor=people.editor, reason="too kind")
    assert refusal.value.code == "replay_loss" and release_current(corpus).number == 2
    services.release_rollback(
        release=first, actor=people.editor, reason="too kind", override="the shop is down"
    )
    assert AuditEntry.objects.get(action="release.replay_override").data["reason"] == "the shop is down"


def test_the_allowed_loss_is_two_in_a_thousand():
    assert not Replay(1, 1000, 0, 800, 798, 0, 0, []).is_too_much
    assert Replay(1, 1000, 0, 800, 797, 0, 0, []).is_too_much
    assert not Replay(1, 0, 3, 0, 0, 0, 0, []).is_too_much


# ---------------------------------------------------------------- review


def test_a_return_needs_a_reason_tells_the_author_and_cancels_a_plan(corpus, people, shop):
    release = signed(corpus, people, BRAND)
    plan = services.publication_plan_create(
        release=release, due_at=timezone.now() + timedelta(hours=1), time_zone="UTC", actor=people.editor
    )
    with pytest.raises(Invalid, match="why"):
        services.release_return(release=release, actor=people.reviewer, reason=" ")
    services.release_return(release=release, actor=people.reviewer, reason="the wording")
    plan.refresh_from_db()
    assert plan.state == "cancelled" and plan.job.state == "cancelled"
    told = Notification.objects.filter(person=people.editor).latest("id")
    assert "returned release 1: the wording" in told.text and told.url == "/c/shop/rules/releases/1/"


def test_review_asks_every_room_and_tells_reviewers(corpus, people, shop):
    signed(corpus, people, BRAND)
    assert OutboxEvent.objects.filter(kind="release.submitted").count() == 1
    assert Job.objects.filter(kind="rules.release_impact").exists()
    assert Notification.objects.get(person=people.reviewer).kind == "rules.review"
    assert not Notification.objects.filter(person=people.annotator).exists()


def test_another_publication_makes_rooms_look_again_at_what_is_in_review(corpus, people, shop):
    first, second = signed(corpus, people, BRAND), signed(corpus, people, EXACT)
    services.release_publish(release=first, actor=people.editor)
    events = OutboxEvent.objects.filter(kind="release.submitted", payload__release=second.pk)
    assert events.count() == 2 and not second.checks.exists()
    job = Job.objects.filter(kind="rules.release_impact", arguments__release=second.pk).latest("created_at")
    assert job_run(job.pk) == "done"
    assert {"examples", "conflicts", "impact", "lint"} <= set(second.checks.values_list("name", flat=True))


def test_comments_tell_those_who_are_named(corpus, people, shop):
    release = signed(corpus, people, BRAND)
    comment = services.comment_create(
        corpus=corpus,
        actor=people.reviewer,
        release=release,
        rule=Rule.objects.get(),
        text="@[Admin] look <b>here</b>",
    )
    assert comment.rule_version.number == 1
    told = Notification.objects.get(person=people.admin)
    assert told.kind == "rules.mention" and told.url.endswith(f"releases/1/#comment-{comment.pk}")
    assert Notification.objects.filter(person=people.editor, kind="rules.comment").count() == 1
    with pytest.raises(Invalid, match="Outsider is not a member"):
        services.comment_create(corpus=corpus, actor=people.editor, release=release, text="@[Outsider] psst")
    for text in ("", "x" * 2001):
        with pytest.raises(Invalid):
            services.comment_create(corpus=corpus, actor=people.editor, release=release, text=text)
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        release.comments.update(text="reworded")


# ---------------------------------------------------------------- plans


# ---------------------------------------------------------------- news


def test_news_is_what_changed_since_a_person_took_note(corpus, people, shop):
    assert release_news(corpus, people.annotator) is None
    first = published(corpus, people, BRAND)
    assert release_news(corpus, people.annotator) is None, "the first one she meets"
    services.release_acknowledge(release=first, person=people.annotator)
    services.release_acknowledge(release=first, person=people.annotator)
    assert first.acknowledgements.count() == 1 and release_news(corpus, people.annotator) is None
    published(corpus, people, EXACT)
    second = published(corpus, people, rule(title="Brand differs"))
    news = release_news(corpus, people.annotator)
    assert news.base == first and {row.code: row.kind for row in news.rules} == {
        "R01": "changed",
        "R02": "new",
    }
    services.release_acknowledge(release=second, person=people.annotator)
    services.release_rollback(release=first, actor=people.editor, reason="no")
    assert {row.kind for row in release_news(corpus, people.annotator).rules} == {"changed", "removed"}
    services.release_acknowledge(release=first, person=people.annotator)
    assert release_news(corpus, people.annotator) is None and first.acknowledgements.count() == 2


def test_who_joins_later_is_told_nothing_of_what_was_before(corpus, people, shop):
    published(corpus, people, BRAND)
    people.annotator.memberships.update(created_at=timezone.now())
    assert release_news(corpus, people.annotator) is None
    published(corpus, people, EXACT)
    assert [row.code for row in release_news(corpus, people.annotator).rules] == ["R02"]


# ---------------------------------------------------------------- two editors, many rules, one key


def test_presence_expires(corpus, people):
    held = services.rule_create(corpus=corpus, form=BRAND, actor=people.editor).rule
    assert services.presence_renew(rule=held, person=people.editor, typing=True) == []
    (other,) = services.presence_renew(rule=held, person=people.admin, typing=False)
    assert other.person == people.editor and other.typing
    EditorPresence.objects.filter(person=people.editor).update(seen_at=timezone.now() - timedelta(minutes=1))
    assert services.presence_renew(rule=held, person=people.admin, typing=False) == []
    services.presence_end(rule=held, person=people.admin)
    assert not EditorPresence.objects.filter(person=people.admin).exists()


def test_one_change_to_many_rules_is_told_made_and_audited(corpus, people, shop):
    for form in (BRAND, EXACT):
        services.rule_create(corpus=corpus, form=form, actor=people.editor)
    given = {"corpus": corpus, "codes": ["R02", "R01"], "actor": people.editor}
    plan = services.rules_change(**given, change="priority", value="10", dry_run=True)
    assert [(row.code, row.before, row.after) for row in plan] == [("R01", "0", "10"), ("R02", "0", "10")]
    assert RuleVersion.objects.count() == 2
    services.rules_change(**given, change="priority", value="10", note="brand first")
    assert set(RuleVersion.objects.filter(number=2).values_list("priority", "note")) == {(10, "brand first")}
    assert AuditEntry.objects.filter(action="rule.edit").count() == 2
    services.rules_change(**given, change="dimension", value="brand")
    assert RuleVersion.objects.filter(number=3).count() == 1, "R01 is filed there already"
    services.rules_change(**given, change="retire", value="")
    assert Rule.objects.filter(retired_at=None).count() == 0
    services.rules_change(**given, change="revive", value="")
    draft = services.release_create(corpus=corpus, actor=people.editor)
    services.rule_edit(rule=Rule.objects.get(code="R01"), form=rule(title="Newer"), actor=people.editor)
    plan = services.rules_change(**given, change="release", value=str(draft.number))
    assert [row.is_none for row in plan] == [False, True]
    assert draft.rule_versions.filter(title="Newer").exists() and draft.entries.count() == 2


@pytest.mark.parametrize(
    ("codes", "change", "value"),
    [
        (["R01"], "explode", ""),
        (["R01"], "priority", "much"),
        (["R01"], "dimension", "nonsense"),
        (["R01"], "release", "77"),
        (["R01", "R99"], "retire", ""),
        ([], "retire", ""),
        (["R01"], "priority", "9999999999"),
    ],
)
def test_a_bad_change_changes_nothing(corpus, people, codes, change, value):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    with pytest.raises(DomainError):
        services.rules_change(corpus=corpus, codes=codes, change=change, value=value, actor=people.editor)
    assert RuleVersion.objects.count() == 1 and Rule.objects.get().retired_at is None


def test_a_pair_becomes_an_example_once(corpus, people, shop):
    held = services.rule_create(corpus=corpus, form=BRAND, actor=people.editor).rule
    pair = shop.pairs["apple", "B"]
    given = {"rule": held, "pair": pair, "actor": people.editor, "note": "seen in triage"}
    version = services.rule_example_add(**given, grade="L2", dimension="brand")
    example = version.examples.latest("id")
    assert (version.number, example.pair, example.grade) == (2, pair, 2) and "description" not in example.item
    with pytest.raises(Conflict, match="already"):
        services.rule_example_add(**given, grade="L4")
    with pytest.raises(Invalid):
        services.rule_example_add(**{**given, "pair": shop.pairs["sony", "B"]}, grade="L9")
    assert held.versions.count() == 2


def test_the_author_never_signs_off_her_own(corpus, people, shop):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.admin)
    release = services.release_create(corpus=corpus, actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    for person in (people.editor, people.admin):  # who made it, and who wrote all that is new in it
        with pytest.raises(Refused):
            services.release_sign_off(release=release, actor=person)
