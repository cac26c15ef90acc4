import pytest
from django.db import DatabaseError, transaction

from webapp.common.audit import audit_record
from webapp.common.models import AuditEntry, Job


def test_audit_rows_are_append_only(people, corpus):
    entry = audit_record(actor=people.admin, corpus=corpus, action="x.y", subject=corpus)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="z")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()
    assert AuditEntry.objects.get(pk=entry.pk).action == "x.y"


def test_audit_page_filters_and_pages(people, corpus, client_for, django_assert_num_queries):
    for number in range(60):
        audit_record(
            actor=people.admin,
            corpus=corpus,
            action=f"rule.edit{number}",
            subject=corpus,
            data={"<b>": "<script>"},
        )
    client = client_for(people.reviewer)
    response = client.get("/c/shop/audit/")
    assert (
        len(response.context["page"].rows) == 50
        and "<script>" not in response.text.split("</head>")[1].split("<main")[1]
    )
    older = client.get("/c/shop/audit/", {"after": response.context["page"].next_cursor})
    assert len(older.context["page"].rows) == 10
    assert client_for(people.annotator).get("/c/shop/audit/").status_code == 403
    assert client_for(people.outsider).get("/c/shop/audit/").status_code == 404
    assert client.get("/c/shop/audit/?after=nonsense").status_code == 422


def test_audit_names_what_has_no_name_of_its_own(people, corpus):
    job = Job.objects.create(corpus=corpus, kind="x.y")
    assert (
        audit_record(actor=people.admin, corpus=corpus, action="x.y", subject=corpus).subject_name == "Shop"
    )
    assert (
        audit_record(actor=people.admin, corpus=corpus, action="x.y", subject=job).subject_name
        == f"job {job.pk}"
    )
