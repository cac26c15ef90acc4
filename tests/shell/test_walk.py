"""A walk over every named URL for every role. A page that is not listed here fails the test: say who may open it.

Each entry: the method, and who may. Objects in the addresses do not exist, so somebody who may gets through to a 404 or a
refusal of the content; somebody who may not is stopped before by 403; an outsider sees 404 whatever is there.
"""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

A, R, E, D = "annotator", "reviewer", "editor", "admin"
ALL = (A, R, E, D)
PUBLIC, SIGNED_IN = "public", "signed in"
WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY)\b|.*\bFOR (NO KEY )?UPDATE\b", re.I | re.S
)

ACCESS: dict[str, tuple[str, object]] = {
    "shell:home": ("GET", SIGNED_IN),
    "shell:corpus_create": ("GET", "owner"),
    "shell:corpus_home": ("GET", ALL),
    "shell:healthz": ("GET", PUBLIC),
    "shell:readyz": ("GET", PUBLIC),
    "api_schema": ("GET", SIGNED_IN),
    "common:sign_in": ("GET", PUBLIC),
    "common:sign_out": ("POST", PUBLIC),
    "common:account": ("GET", SIGNED_IN),
    "common:password_change": ("GET", SIGNED_IN),
    "common:api_key_create": ("POST", SIGNED_IN),
    "common:api_key_revoke": ("POST", SIGNED_IN),
    "common:invitation_accept": ("GET", "link"),
    "common:notification_list": ("GET", SIGNED_IN),
    "common:notification_bell": ("GET", SIGNED_IN),
    "common:notifications_read": ("POST", SIGNED_IN),
    "common:notification_open": ("POST", SIGNED_IN),
    "common:job_fragment": ("GET", SIGNED_IN),
    "common:job_cancel": ("POST", SIGNED_IN),
    "common:people_list": ("GET", (D,)),
    "common:member_invite": ("POST", (D,)),
    "common:membership_set": ("POST", (D,)),
    "common:password_reset_start": ("POST", (D,)),
    "common:person_active_set": ("POST", (D,)),
    "common:audit_list": ("GET", (R, E, D)),
    "common:job_list": ("GET", ALL),
    "common:webhook_list": ("GET", (D,)),
    "common:webhook_create": ("POST", (D,)),
    "common:webhook_detail": ("GET", (D,)),
    "common:webhook_act": ("POST", (D,)),
    "common:delivery_repeat": ("POST", (D,)),
    "common_api:jobs": ("GET", ALL),
    "common_api:job": ("GET", ALL),
    "common_api:notices": ("GET", ALL),
    "common_api:webhooks": ("GET", (D,)),
    "common_api:webhook": ("GET", (D,)),
    "common_api:webhook_test": ("POST", (D,)),
    "common_api:webhook_deliveries": ("GET", (D,)),
    "common_api:delivery_repeat": ("POST", (D,)),
    "rules:rule_list": ("GET", ALL),
    "rules:rule_create": ("GET", (E, D)),
    "rules:language_help": ("GET", ALL),
    "rules:rulebook_export": ("GET", ALL),
    "rules:import_create": ("GET", (E, D)),
    "rules:import_detail": ("GET", (E, D)),
    "rules:import_take_up": ("POST", (E, D)),
    "rules:import_refused": ("GET", (E, D)),
    "rules:definitions_detail": ("GET", ALL),
    "rules:levels_save": ("POST", (E, D)),
    "rules:dimension_change": ("POST", (E, D)),
    "rules:definitions_restore": ("POST", (E, D)),
    "rules:table_list": ("GET", ALL),
    "rules:table_create": ("POST", (E, D)),
    "rules:table_export": ("GET", ALL),
    "rules:table_detail": ("GET", ALL),
    "rules:family_save": ("POST", (E, D)),
    "rules:family_merge": ("POST", (E, D)),
    "rules:table_examples": ("POST", (E, D)),
    "rules:table_remove": ("POST", (E, D)),
    "rules:table_restore": ("POST", (E, D)),
    "rules:rule_detail": ("GET", ALL),
    "rules:rule_edit": ("POST", (E, D)),
    "rules:rule_history": ("GET", ALL),
    "rules:rule_restore": ("POST", (E, D)),
    "rules:rule_retire": ("POST", (E, D)),
    "rules:field_list": ("GET", ALL),
    "rules:value_list": ("GET", ALL),
    "rules:condition_check": ("POST", ALL),
    "rules:principle_preview": ("POST", ALL),
    "rules:examples_run": ("POST", ALL),
    "rules:rule_coverage": ("POST", ALL),
    "rules:rule_try": ("POST", ALL),
    "rules:firing_fragment": ("GET", ALL),
    "rules:lint_list": ("GET", ALL),
    "rules:lint_live": ("POST", ALL),
    "rules:conflict_list": ("GET", ALL),
    "rules:conflict_resolve": ("POST", (E, D)),
    "rules:conflict_check": ("POST", (E, D)),
    "rules:gap_list": ("GET", ALL),
    "rules:release_list": ("GET", ALL),
    "rules:release_create": ("POST", (E, D)),
    "rules:release_detail": ("GET", ALL),
    "rules:release_impact": ("GET", ALL),
    "rules:release_refresh": ("POST", (E, D)),
    "rules:release_submit": ("POST", (E, D)),
    "rules:release_return": ("POST", (R, E, D)),
    "rules:release_sign_off": ("POST", (R, E, D)),
    "rules:release_publish": ("POST", (E, D)),
    "rules:release_rollback": ("GET", (E, D)),
    "rules:release_discard": ("POST", (E, D)),
    "rules:rules_change": ("POST", (E, D)),
    "rules:example_new": ("GET", (E, D)),
    "rules:example_create": ("POST", (E, D)),
    "rules:release_news": ("GET", ALL),
    "rules:rule_presence": ("POST", (E, D)),
    "rules:rule_comment": ("POST", (R, E, D)),
    "rules:replay_set_list": ("GET", ALL),
    "rules:replay_set_create": ("POST", (R, D)),
    "rules:release_checks": ("GET", ALL),
    "rules:release_reword": ("POST", (E, D)),
    "rules:release_leave_out": ("POST", (E, D)),
    "rules:release_put_back": ("POST", (E, D)),
    "rules:release_comment": ("POST", (R, E, D)),
    "rules:plan_create": ("POST", (E, D)),
    "rules:plan_cancel": ("POST", (E, D)),
    "rules:release_acknowledge": ("POST", ALL),
    "annotation:annotation_home": ("GET", ALL),
    "annotation:campaign_list": ("GET", (R, D)),
    "annotation:campaign_create": ("GET", (R, D)),
    "annotation:campaign_detail": ("GET", (R, D)),
    "annotation:campaign_state": ("POST", (R, D)),
    "annotation:campaign_grade": ("GET", (A, R)),
    "annotation:campaign_rank": ("GET", (A, R)),
    "annotation:campaign_review": ("GET", (A, R)),
    "annotation:list_campaign_create": ("GET", (R, D)),
    "annotation:campaign_page": ("GET", (A, R)),
    "annotation:campaign_sides": ("GET", (A, R)),
    "annotation:page_submit": ("POST", (A, R)),
    "annotation:preference_submit": ("POST", (A, R)),
    "annotation:page_flag": ("POST", (A, R)),
    "annotation:page_outcome": ("GET", (R, D)),
    "annotation:reasoning_check": ("POST", (A, R)),
    "annotation:subject_next": ("POST", (A, R)),
    "annotation:judgment_submit": ("POST", (A, R)),
    "annotation:answer_undo": ("POST", (A, R)),
    "annotation:ranking_submit": ("POST", (A, R)),
    "annotation:slot_skip": ("POST", (A, R)),
    "annotation:flag_raise": ("POST", (A, R)),
    "annotation:lease_renew": ("POST", (A, R)),
    "annotation:gold_list": ("GET", (R, D)),
    "annotation:gold_set": ("POST", (R, D)),
    "annotation:gold_remove": ("POST", (R, D)),
    "annotation:adjudication_list": ("GET", (R,)),
    "annotation:adjudication_detail": ("GET", (R,)),
    "annotation:agreement_detail": ("GET", (R, E, D)),
    "annotation:apart_list": ("GET", (R, E, D)),
    "annotation:triage_list": ("GET", (R, E, D)),
    "annotation:flag_resolve": ("POST", (R, E, D)),
    "annotation:flags_resolve": ("POST", (R, E, D)),
    "annotation:triage_decide": ("POST", (R, E, D)),
    "annotation:history_list": ("GET", ALL),
    "annotation:notices_read": ("POST", ALL),
    "annotation:quality_refresh": ("POST", (R, D)),
    "annotation:alarm_list": ("GET", (R,)),
    "annotation:alarm_resolve": ("POST", (R,)),
    "annotation:quality_settings": ("GET", (R, D)),
    "annotation:person_detail": ("GET", (R,)),
    "annotation:answer_review": ("POST", (R,)),
    "annotation:campaign_preview": ("GET", (R, D)),
    "annotation:campaign_edit": ("GET", (R, D)),
    "annotation:campaign_overlap": ("GET", (R, D)),
    "annotation:campaign_clone": ("POST", (R, D)),
    "annotation:slots_assign": ("POST", (R, D)),
    "annotation:quiz_detail": ("GET", (A, R)),
    "annotation:quiz_waive": ("POST", (R, D)),
    "annotation:keymap_edit": ("GET", ALL),
    "annotation:keymap_reset": ("POST", ALL),
    "annotation:export_list": ("GET", (R, D)),
    "annotation:export_create": ("POST", (R, D)),
    "annotation:export_download": ("GET", (R, D)),
    "annotation:judgments_import": ("POST", (D,)),
    "annotation:judgments_rejected": ("GET", (D,)),
    "rules_api:definitions": ("GET", ALL),
    "rules_api:dimension_rename": ("POST", (E, D)),
    "rules_api:definitions_versions": ("GET", ALL),
    "rules_api:definitions_restore": ("POST", (E, D)),
    "rules_api:table_list": ("GET", ALL),
    "rules_api:table_detail": ("GET", ALL),
    "rules_api:rulebook_file": ("GET", ALL),
    "rules_api:table_versions": ("GET", ALL),
    "rules_api:table_restore": ("POST", (E, D)),
    "rules_api:examples_run": ("POST", ALL),
    "rules_api:field_list": ("GET", ALL),
    "rules_api:rules_change": ("POST", (E, D)),
    "rules_api:release_news": ("GET", ALL),
    "rules_api:rule_comments": ("GET", ALL),
    "rules_api:rule_examples": ("POST", (E, D)),
    "rules_api:version_restore": ("POST", (E, D)),
    "rules_api:replay_sets": ("GET", ALL),
    "rules_api:release_impact": ("GET", ALL),
    "rules_api:release_diff": ("GET", ALL),
    "rules_api:left_out": ("GET", ALL),
    "rules_api:left_out_rule": ("DELETE", (E, D)),
    "rules_api:comments": ("GET", ALL),
    "rules_api:release_plan": ("GET", ALL),
    "rules_api:release_acknowledge": ("POST", ALL),
    "rules_api:rule_list": ("GET", ALL),
    "rules_api:conflict_list": ("GET", ALL),
    "rules_api:conflict_resolve": ("POST", (E, D)),
    "rules_api:evaluate": ("POST", ALL),
    "rules_api:lint": ("GET", ALL),
    "rules_api:condition_check": ("POST", ALL),
    "rules_api:coverage": ("POST", ALL),
    "rules_api:gap_list": ("GET", ALL),
    "rules_api:rule_detail": ("GET", ALL),
    "rules_api:version_list": ("GET", ALL),
    "rules_api:rulebook": ("GET", ALL),
    "rules_api:release_list": ("GET", ALL),
    "rules_api:release_detail": ("GET", ALL),
    "rules_api:release_step": ("POST", (R, E, D)),
    "annotation_api:campaigns": ("GET", ALL),
    "annotation_api:campaign": ("GET", ALL),
    "annotation_api:next": ("POST", (A, R)),
    "annotation_api:judgment_submit": ("POST", (A, R)),
    "annotation_api:ranking_submit": ("POST", (A, R)),
    "annotation_api:undo": ("POST", (A, R)),
    "annotation_api:pages": ("GET", (R, D)),
    "annotation_api:page_campaigns": ("POST", (R, D)),
    "annotation_api:page_verdict_submit": ("POST", (A, R)),
    "annotation_api:preference_submit": ("POST", (A, R)),
    "annotation_api:page_outcome": ("GET", (R, D)),
    "annotation_api:skip": ("POST", (A, R)),
    "annotation_api:campaign_preview": ("POST", (R, D)),
    "annotation_api:campaign_progress": ("GET", (R, D)),
    "annotation_api:slots_move": ("POST", (R, D)),
    "annotation_api:quiz": ("GET", (A, R)),
    "annotation_api:quality": ("GET", (R, E, D)),
    "annotation_api:alarms": ("GET", (R,)),
    "annotation_api:alarm_resolve": ("POST", (R,)),
    "annotation_api:quality_settings": ("GET", (R, D)),
    "annotation_api:judgments": ("GET", (R, D)),
    "annotation_api:rankings": ("GET", (R, D)),
    "annotation_api:exports": ("GET", (R, D)),
    "annotation_api:export": ("GET", (R, D)),
    "annotation_api:export_file": ("GET", (R, D)),
    "annotation_api:formats": ("GET", ALL),
    "annotation_api:ranking_campaigns": ("POST", (R, D)),
    "annotation_api:campaign_clone": ("POST", (R, D)),
    "annotation_api:campaign_overlap": ("POST", (R, D)),
    "annotation_api:campaign_assign": ("POST", (R, D)),
    "annotation_api:leases": ("POST", (A, R)),
    "annotation_api:flags": ("GET", (R, E, D)),
    "annotation_api:flag_resolve": ("POST", (R, E, D)),
    "annotation_api:gold_list": ("GET", (R, D)),
    "annotation_api:gold": ("DELETE", (R, D)),
    "annotation_api:disputes": ("GET", (R,)),
    "annotation_api:adjudications": ("GET", (R, D)),
    "annotation_api:agreement": ("GET", (R, E, D)),
    "annotation_api:my_judgments": ("GET", ALL),
    "annotation_api:keys": ("GET", ALL),
    "annotation_api:judgment_review": ("POST", (R,)),
    "annotation_api:variants_campaigns": ("POST", (R, D)),
    "annotation_api:triage": ("GET", (R, E, D)),
    "annotation_api:rule_feedback": ("GET", (R, E, D)),
    "annotation_api:person_answers": ("GET", (R,)),
    "annotation_api:quiz_waive": ("POST", (R, D)),
    "annotation_api:imports": ("GET", (D,)),
    "annotation_api:import": ("GET", (D,)),
    "annotation_api:import_rejected": ("GET", (D,)),
    "catalog:catalog_home": ("GET", ALL),
    "catalog:query_list": ("GET", ALL),
    "catalog:query_detail": ("GET", ALL),
    "catalog:item_list": ("GET", ALL),
    "catalog:item_detail": ("GET", ALL),
    "catalog:import_create": ("GET", (D,)),
    "catalog:import_detail": ("GET", ALL),
    "catalog:import_rejected": ("GET", (E, D)),
    "catalog:fetch_detail": ("GET", ALL),
    "catalog:fetch_create": ("POST", (D,)),
    "catalog:fetch_lost": ("GET", (E, D)),
    "catalog:picture": ("GET", ALL),
    "training:training_home": ("GET", ALL),
    "training:turn_create": ("POST", (D,)),
    "training:turn_detail": ("GET", ALL),
    "training:turn_progress": ("GET", ALL),
    "training:refresh_policy_edit": ("POST", (D,)),
    "training:model_list": ("GET", ALL),
    "training:model_rollback": ("POST", (D,)),
    "training:model_detail": ("GET", ALL),
    "training:model_promote": ("POST", (D,)),
    "training:gate_create": ("POST", (D,)),
    "training:suggestions_create": ("POST", (D,)),
    "training:snapshot_list": ("GET", ALL),
    "training:snapshot_detail": ("GET", ALL),
    "serving:serving_home": ("GET", ALL),
    "serving:query_try": ("POST", ALL),
    "serving:request_list": ("GET", ALL),
    "serving:request_detail": ("GET", ALL),
    "serving:goodrate_create": ("POST", (R, D)),
    "catalog_api:query_list": ("GET", ALL),
    "catalog_api:item_list": ("GET", ALL),
    "catalog_api:pair_list": ("GET", ALL),
    "catalog_api:import_create": ("POST", (D,)),
    "catalog_api:fetch_detail": ("GET", ALL),
    "catalog_api:fetch_create": ("POST", (D,)),
    "api_relevance": ("POST", SIGNED_IN),
    "api_suggestions": ("POST", (D,)),
    "api_turn_list": ("GET", ALL),
    "api_turn": ("GET", ALL),
    "api_evaluation_list": ("GET", ALL),
    "api_model_list": ("GET", ALL),
    "api_model_rollback": ("POST", (D,)),
    "api_model": ("GET", ALL),
    "api_model_promote": ("POST", (D,)),
}
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
    assert set(URLS) - set(ACCESS) == set(), "new pages: say here who may open them"
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
