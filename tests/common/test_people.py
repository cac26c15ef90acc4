import pytest
from django.test import Client
from django.utils import timezone

from tests.people import PASSWORD
from webapp.common import services
from webapp.common.errors import Refused
from webapp.common.models import AuditEntry, Invitation, Membership, User


def test_invite_and_join(people, corpus, client_for):
    admin = client_for(people.admin)
    response = admin.post(
        "/c/shop/people/invite/",
        {"email": "New@Example.org", "roles": ["annotator", "reviewer"]},
        follow=True,
    )
    link = response.context["link"]["url"]
    assert link in response.text
    assert link not in admin.get("/c/shop/people/").text  # shown once
    guest = Client()
    assert "annotator, reviewer" in guest.get(link).text
    response = guest.post(link, {"display_name": "Nora", "password": "a long enough one"}, follow=True)
    assert response.status_code == 200
    nora = User.objects.get(email="new@example.org")
    assert set(nora.memberships.values_list("role", flat=True)) == {"annotator", "reviewer"}
    assert AuditEntry.objects.filter(action="invitation.accept", actor=nora).count() == 1
    assert Client().get(link).status_code == 403  # works once


def test_invitation_expires(people, corpus):
    invitation, secret = services.member_invite(
        corpus=corpus, email="a@b.org", roles=["editor"], actor=people.admin
    )
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
    assert Client().get(f"/join/{secret}/").status_code == 403


def test_weak_password_is_refused_and_the_link_stays(people, corpus):
    _, secret = services.member_invite(corpus=corpus, email="a@b.org", roles=["editor"], actor=people.admin)
    response = Client().post(f"/join/{secret}/", {"display_name": "A", "password": "short"})
    assert response.status_code == 422 and not User.objects.filter(email="a@b.org").exists()
    assert Client().get(f"/join/{secret}/").status_code == 200


def test_the_last_admin_stays(people, corpus, client_for):
    response = client_for(people.admin).post(
        f"/c/shop/people/{people.admin.pk}/roles/", {"roles": ["editor"]}
    )
    assert response.status_code == 403 and "last admin" in response.text
    assert Membership.objects.filter(user=people.admin, role="admin", corpus=corpus).exists()


def test_roles_are_set_and_audited(people, corpus, client_for):
    client_for(people.admin).post(f"/c/shop/people/{people.editor.pk}/roles/", {"roles": ["annotator"]})
    assert list(people.editor.memberships.values_list("role", flat=True)) == ["annotator"]
    entry = AuditEntry.objects.get(action="membership.set")
    assert entry.data == {"before": ["editor"], "after": ["annotator"]} and entry.actor == people.admin


def test_a_person_of_another_corpus_is_out_of_reach(people, client_for):
    response = client_for(people.admin).post(f"/c/shop/people/{people.outsider.pk}/active/", {"active": "0"})
    assert response.status_code == 404
    people.outsider.refresh_from_db()
    assert people.outsider.is_active


def test_closed_account_cannot_sign_in(people, client_for):
    client_for(people.admin).post(f"/c/shop/people/{people.annotator.pk}/active/", {"active": "0"})
    response = Client().post("/sign-in/", {"username": people.annotator.email, "password": PASSWORD})
    assert response.status_code == 200 and "do not match" in response.text


def test_sign_in_locks_after_six_failures(people):
    client = Client()
    for _ in range(6):
        response = client.post("/sign-in/", {"username": people.annotator.email, "password": "wrong"})
    assert response.status_code == 429
    response = client.post("/sign-in/", {"username": people.annotator.email, "password": PASSWORD})
    assert response.status_code == 429 and "Too many failed" in response.text


def test_reset_link_sets_a_new_password(people, corpus):
    secret = services.password_reset_start(corpus=corpus, user=people.annotator, actor=people.admin)
    Client().post(f"/join/{secret}/", {"password": "another long one"})
    people.annotator.refresh_from_db()
    assert people.annotator.check_password("another long one")


def test_reset_of_someone_with_another_corpus_is_refused(people, corpus):
    Membership.objects.create(user=people.outsider, corpus=corpus, role="annotator")
    try:
        services.password_reset_start(corpus=corpus, user=people.outsider, actor=people.admin)
    except services.Refused as refusal:
        assert "another" in refusal.message or "do not administer" in refusal.message
    else:
        raise AssertionError("an admin of one corpus took over an admin of another")


@pytest.mark.parametrize("what", ["reset", "close"])
def test_an_owner_of_the_installation_is_out_of_reach_of_a_corpus_admin(people, corpus, what):
    User.objects.filter(pk=people.annotator.pk).update(is_owner=True)
    owner = User.objects.get(pk=people.annotator.pk)
    with pytest.raises(Refused, match="owns the installation"):
        if what == "reset":
            services.password_reset_start(corpus=corpus, user=owner, actor=people.admin)
        else:
            services.person_active_set(corpus=corpus, user=owner, active=False, actor=people.admin)
    assert not Invitation.objects.filter(purpose="reset").exists()
    assert User.objects.get(pk=owner.pk).is_active
