from django.test import Client

from webapp.common.models import ApiKey


def make_key(client, corpus="shop", role="admin"):
    response = client.post(
        "/account/keys/", {"corpus_role": f"{corpus}:{role}", "name": "export"}, follow=True
    )
    return response.context["new_key"]


def test_key_is_shown_once_and_revoked(people, client_for):
    client = client_for(people.admin)
    secret = make_key(client)
    assert secret.startswith("lore_") and secret not in client.get("/account/").text
    key = ApiKey.objects.get()
    assert secret not in key.key_hash
    client.post(f"/account/keys/{key.pk}/revoke/")
    response = Client().get("/api/v1/schema/", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 401


def test_key_carries_only_a_role_its_owner_holds(people, client_for):
    client = client_for(people.annotator)
    assert client.post("/account/keys/", {"corpus_role": "shop:admin", "name": "x"}).status_code == 403
    assert not ApiKey.objects.exists()


def test_nobody_revokes_anothers_key(people, client_for):
    make_key(client_for(people.admin))
    response = client_for(people.outsider).post(f"/account/keys/{ApiKey.objects.get().pk}/revoke/")
    assert response.status_code == 404 and ApiKey.objects.get().revoked_at is None
