"""Webhooks against a real receiver over HTTP: signed, tried again, once an event, off when nobody is there."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from webapp.common import events
from webapp.common.jobs import job_run
from webapp.common.models import AuditEntry, Job, Notification, OutboxEvent, Webhook, WebhookDelivery
from webapp.common.webhooks import sending, services, signing

KIND = "application/json"


@pytest.fixture
def receiver() -> Iterator[SimpleNamespace]:
    """A server that notes what it is sent and answers with `statuses`, the last one from then on."""
    seen: list[SimpleNamespace] = []
    state = SimpleNamespace(seen=seen, statuses=[200], url="")

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(SimpleNamespace(body=body, headers=self.headers, path=self.path))
            status = state.statuses.pop(0) if len(state.statuses) > 1 else state.statuses[0]
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(b"thanks")

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}/hook?a=b"
        yield state
        server.shutdown()


@pytest.fixture
def inside(settings: Any) -> None:
    settings.PRIVATE_ADDRESSES_ALLOWED = True


def made(corpus: Any, people: Any, receiver: Any, *kinds: str) -> tuple[Webhook, str]:
    return services.webhook_create(
        corpus=corpus, actor=people.admin, name="Ours", url=receiver.url, kinds=kinds
    )


def run_all() -> list[str]:
    """All deliveries that are due or will be, as the ledger would run them."""
    found = []
    for job in Job.objects.filter(kind=services.JOB, state="queued").order_by("created_at"):
        Job.objects.filter(pk=job.pk).update(due_at=timezone.now())
        found.append(job_run(job.pk))
    return found


def publish(corpus: Any, kind: str = "release.closed", **payload: Any) -> OutboxEvent:
    return events.event_publish(corpus=corpus, kind=kind, payload=payload)


def test_an_event_arrives_signed_and_once(corpus: Any, people: Any, receiver: Any, inside: None) -> None:
    hook, secret = made(corpus, people, receiver, "release.closed")
    event = publish(corpus, n=7)
    publish(corpus, "other.kind")
    events.events_deliver()
    events.events_deliver()
    assert run_all() == ["done"] and len(receiver.seen) == 1
    got = receiver.seen[0]
    body = json.loads(got.body)
    assert (body["id"], body["kind"], body["corpus"], body["payload"]) == (
        f"evt_{event.pk}", "release.closed", "shop", {"n": 7})  # fmt: skip
    assert got.path == "/hook?a=b" and got.headers["Lore-Event-Id"] == body["id"]
    assert signing.verify(secret, got.body, got.headers[signing.HEADER])
    row = hook.deliveries.get()
    assert row.state == "delivered" and row.last["status"] == 200 and row.last["answer"] == "thanks"
    assert not OutboxEvent.objects.filter(delivered=False).exists()


def test_a_signature_fails_for_another_body_secret_or_day() -> None:
    header = signing.signature("s", b"{}")
    assert signing.verify("s", b"{}", header)
    assert not signing.verify("s", b"{ }", header) and not signing.verify("t", b"{}", header)
    assert not signing.verify("s", b"{}", signing.signature("s", b"{}", 1_000_000))
    for nonsense in ("", "t=,v1=", "v1=x", "t=abc,v1=1", "t=١,v1=ü"):
        assert not signing.verify("s", b"{}", nonsense)


def test_it_is_tried_again_and_redirects_lead_nowhere(
    corpus: Any, people: Any, receiver: Any, inside: None
) -> None:
    receiver.statuses = [500, 302, 200]
    hook, _ = made(corpus, people, receiver)
    publish(corpus)
    events.events_deliver()
    before = timezone.now()
    job = Job.objects.get(kind=services.JOB)
    assert job_run(job.pk) == "queued"
    after = timezone.now()
    job.refresh_from_db()
    assert timedelta(seconds=7) < job.due_at - before  # 10 s from some moment between, with a little chance
    assert job.due_at - after < timedelta(seconds=14)
    assert run_all() == ["queued"] and run_all() == ["done"]
    row = hook.deliveries.get()
    assert [met["status"] for met in row.tries] == [500, 302, 200] and row.state == "delivered"
    hook.refresh_from_db()
    assert hook.failures == 0 and hook.active


def test_after_too_many_failures_it_is_switched_off_with_a_word(
    corpus: Any, people: Any, inside: None
) -> None:
    nobody = SimpleNamespace(url="http://127.0.0.1:9/")
    hook, _ = made(corpus, people, nobody)
    for _ in range(3):
        publish(corpus)
    events.events_deliver()
    while run_all():
        pass
    hook.refresh_from_db()
    assert (
        not hook.active
        and hook.failures >= services.DISABLED_AFTER
        and "Switched off" in hook.disabled_reason
    )
    assert set(hook.deliveries.values_list("state", flat=True)) == {"failed"}
    word = Notification.objects.get(person=people.admin)
    assert "switched off" in word.text and word.url.endswith(f"/webhooks/{hook.pk}/")
    assert AuditEntry.objects.filter(action="webhook.disable").count() == 1
    publish(corpus)
    events.events_deliver()
    assert hook.deliveries.count() == 3


def test_a_receiver_that_is_gone_is_not_called_again(
    corpus: Any, people: Any, receiver: Any, inside: None
) -> None:
    receiver.statuses = [410]
    hook, _ = made(corpus, people, receiver)
    publish(corpus)
    events.events_deliver()
    assert run_all() == ["failed"]
    hook.refresh_from_db()
    assert not hook.active and "410" in hook.disabled_reason


@pytest.mark.parametrize(
    "answers", [b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_receiver_that_answers_a_byte_now_and_then_does_not_hold_a_worker(
    answers: bytes, inside: None
) -> None:
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            peer, _ = server.accept()
            with peer, contextlib.suppress(OSError):
                peer.sendall(answers)
                while not ended.wait(0.05):
                    peer.sendall(b"a")

        thread = threading.Thread(target=drip)
        thread.start()
        answer = sending.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, seconds=1)
        ended.set()
        thread.join()
    assert 1000 <= answer.milliseconds < 60_000
    assert answer.taken == (b"Content-Length" in answers)


def test_no_address_inside_is_called(corpus: Any, people: Any, receiver: Any) -> None:
    hook, _ = made(corpus, people, receiver)
    publish(corpus)
    events.events_deliver()
    assert run_all() == ["failed"] and not receiver.seen
    assert "private" in hook.deliveries.get().last["error"]


def test_pages(corpus: Any, people: Any, client_for: Any, receiver: Any, inside: None) -> None:
    client = client_for(people.admin)
    url = "/c/shop/webhooks/"
    sent = {"name": "Ours", "url": receiver.url, "kinds": ["model.promoted"], "other_kinds": "my.kind"}
    page = client.post(f"{url}new/", sent, follow=True).content.decode()
    hook = Webhook.objects.get()
    secret = signing.secret_of(hook.salt)
    assert secret in page and hook.kinds == ["model.promoted", "my.kind"] and hook.salt not in page
    assert secret not in client.get(f"{url}{hook.pk}/").content.decode()  # shown once
    client.post(f"{url}{hook.pk}/act/", {"act": "test"})
    assert run_all() == ["done"] and json.loads(receiver.seen[0].body)["kind"] == "webhook.test"
    row = WebhookDelivery.objects.get()
    client.post(f"{url}{hook.pk}/deliveries/{row.pk}/repeat/")
    assert run_all() == ["done"] and receiver.seen[1].headers["Lore-Event-Id"] == row.event
    assert client.get(f"{url}{hook.pk}/").content.decode().count("delivered") == 2
    client.post(f"{url}{hook.pk}/act/", {"act": "save", "url": "ftp://x/", "kinds": []})
    client.post(f"{url}{hook.pk}/act/", {"act": "off"})
    hook.refresh_from_db()
    assert hook.url == receiver.url and not hook.active
    client.post(f"{url}{hook.pk}/act/", {"act": "secret"})
    hook.refresh_from_db()
    assert signing.secret_of(hook.salt) != secret
    client.post(f"{url}{hook.pk}/act/", {"act": "remove"})
    assert not Webhook.objects.exists() and AuditEntry.objects.filter(action="webhook.remove").exists()
    assert client_for(people.reviewer).get(url).status_code == 403


def test_by_program(corpus: Any, people: Any, client_for: Any, receiver: Any, inside: None) -> None:
    client, url = client_for(people.admin), "/api/v1/corpora/shop/webhooks/"
    answer = client.post(url, {"name": "Ours", "url": receiver.url, "kinds": []}, KIND)
    assert answer.status_code == 201 and answer.json()["secret"].startswith("whsec_")
    pk = answer.json()["id"]
    assert "secret" not in client.get(url).json()[0]
    assert client.post(url, {"name": "Ours", "url": receiver.url}, KIND).status_code == 409
    assert client.post(url, {"name": "Bad", "url": "file:///etc/passwd"}, KIND).status_code == 422
    assert client.post(f"{url}{pk}/test/").status_code == 202 and run_all() == ["done"]
    row = client.get(f"{url}{pk}/deliveries/").json()["results"][0]
    assert row["state"] == "delivered" and row["tries"][0]["status"] == 200
    assert client.post(f"{url}{pk}/deliveries/{row['id']}/repeat/").json()["event"] == row["event"]
    assert client.patch(f"{url}{pk}/", {"active": False}, KIND).json()["active"] is False
    assert client.delete(f"{url}{pk}/").status_code == 204 and client.get(f"{url}{pk}/").status_code == 404
    assert client_for(people.outsider).get(url).status_code == 404
