from django.test import Client


def test_healthz_asks_nothing():
    assert Client().get("/healthz").content == b"ok"


def test_readyz_names_what_is_down(db, settings):
    settings.MODEL_SERVER_URL = "http://127.0.0.1:9"
    response = Client().get("/readyz")
    assert response.status_code == 503 and "model server" in response.json()["down"]
