"""Remote pictures: who may be called, what is believed, and a fetch run that goes on where it stopped."""

import csv
import io
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from catalog import jobs
from catalog.fetching import hosts
from catalog.fetching.download import Downloader, FetchFailed, Limits, picture_target
from catalog.fetching.hosts import PoliteFetcher
from catalog.fetching.running import fetch_run
from catalog.importing.running import import_run
from catalog.models import CorpusCounter, ImportRun, ItemImage
from catalog.services import fetch_start
from tests.catalog.picture_server import PictureServer, picture_bytes
from webapp.common.jobs import JobCancelled, job_run
from webapp.common.models import AuditEntry, Blob, Corpus, Job

PATIENT = Limits(seconds=60, silence=30, largest=200_000)  # a loaded machine is no bad server
QUICK = replace(PATIENT, seconds=0.6, silence=0.4)  # for those that are


@pytest.fixture
def server() -> Iterator[PictureServer]:
    found = PictureServer()
    found.pages["/a.png"] = (200, {}, picture_bytes())
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def downloader(server: PictureServer) -> Downloader:
    return Downloader(check=server.check, limits=PATIENT)


# addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.png", "http://127.1/a.png", "http://0x7f000001/a.png", "http://2130706433/a.png",
        "http://10.0.0.8/a.png", "http://192.168.1.1/a.png", "http://172.16.0.1/", "http://169.254.169.254/latest/",
        "http://100.64.0.1/", "http://0.0.0.0/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/",
        "http://[::1]/a.png", "http://[::]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[ff02::1]/",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/", "http://localhost/a.png", "ftp://93.184.216.34/a.png", "file:///etc/passwd",
        "gopher://93.184.216.34/", "javascript:alert(1)", "http:///a.png", "//93.184.216.34/a.png", "",
        "http://user:secret@93.184.216.34/a.png", "http://user@93.184.216.34/", "http://93.184.216.34:22/",
        "http://93.184.216.34:8080/a.png", "http://93.184.216.34:0/", "http://93.184.216.34:99999/",
        "http://93.184.216.34/a\r\nX-Evil: 1",
    ],
)  # fmt: skip
def test_an_address_inside_the_house_is_refused(url: str) -> None:
    with pytest.raises(FetchFailed) as refused:
        Downloader(limits=QUICK).content(url)
    assert refused.value.refused and not refused.value.again
    assert refused.value.reason.startswith("address refused")


def _answers(monkeypatch: pytest.MonkeyPatch, *rounds: list[str]) -> list[str]:
    """Names resolve to each round's addresses in turn; returns the names that were asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, **of: Any) -> list[Any]:
        found = rounds[min(len(asked), len(rounds) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(FetchFailed, match="address refused"):
        Downloader().content("http://two-faced.example.org/a.png")


def test_the_address_that_was_checked_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch, server: PictureServer
) -> None:
    """A name that turns to loopback after the check is not asked again: the socket goes to what was checked."""
    asked = _answers(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    called: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *rest: Any, **of: Any) -> Any:
        called.append(address)
        raise OSError("no way out of this test")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FetchFailed, match="does not answer"):
        Downloader(limits=QUICK).content("http://rebind.example.org/a.png")
    assert called == [("93.184.216.34", 80)]
    assert asked == ["rebind.example.org"]


def test_each_redirect_is_checked_anew(server: PictureServer, downloader: Downloader) -> None:
    server.pages["/once"] = (302, {"Location": "/a.png"}, b"")
    assert downloader.content(server.url("/once")) == picture_bytes()
    inside = [
        f"http://127.0.0.1:{server.port}/a.png",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "//[::1]/",
    ]
    for place in inside:
        server.pages["/in"] = (301, {"Location": place}, b"")
        with pytest.raises(FetchFailed, match="address refused"):
            downloader.content(server.url("/in"))
    server.pages["/round"] = (302, {"Location": "/round"}, b"")
    with pytest.raises(FetchFailed, match="redirects"):
        downloader.content(server.url("/round"))


def test_the_host_header_carries_the_name(server: PictureServer, downloader: Downloader) -> None:
    downloader.content(server.url("/a.png"))
    assert server.hosts == {f"pictures.test:{server.port}"}


# content --------------------------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 60,000 pixels wide and high."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, b"<html>no</html>", "not a JPEG"),
        ({"Content-Type": "text/html"}, b"<html>no</html>", "web page"),
        ({}, b"", "not a JPEG"),
        ({}, b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "not a JPEG"),
        ({}, picture_bytes("PNG", 200)[:300], "not a JPEG"),
        ({}, picture_bytes("JPEG", 300)[:-400], "not a JPEG"),
        ({}, picture_bytes("BMP"), "not a JPEG"),
        ({}, bomb(), "million pixels"),
        ({}, b"\xff\xd8\xff" + b"x" * 500, "not a JPEG"),
        ({"Content-Length": "9000000"}, b"x", "larger than"),
    ],
    ids=["html", "said", "empty", "svg", "cut-png", "cut-jpeg", "bmp", "bomb", "noise", "declared"],
)  # fmt: skip
@pytest.mark.django_db
def test_what_is_no_picture_is_refused(
    server: PictureServer, downloader: Downloader, headers: dict[str, str], body: bytes, reason: str
) -> None:
    server.pages["/b"] = (200, headers, body)
    with pytest.raises(FetchFailed, match=reason) as refused:
        downloader.fetch(server.url("/b"))
    assert refused.value.refused


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_bytes_say_what_a_picture_is(server: PictureServer, downloader: Downloader, kind: str) -> None:
    server.pages["/b"] = (200, {"Content-Type": "text/plain"}, picture_bytes(kind))
    assert downloader.fetch(server.url("/b")).media_type == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    ("path", "reason", "again"),
    [("/endless", "larger than", False), ("/drip", "too slow", True), ("/drip-head", "too slow", True),
     ("/hang-up", "broke off", True), ("/none", "404", False)],
)  # fmt: skip
def test_a_server_that_behaves_badly_costs_little(
    server: PictureServer, downloader: Downloader, path: str, reason: str, again: bool
) -> None:
    limits = QUICK if reason == "too slow" else PATIENT
    started = time.monotonic()
    with pytest.raises(FetchFailed, match=reason) as failed:
        replace(downloader, limits=limits).content(server.url(path))
    assert time.monotonic() - started < 30  # a drip goes on for two minutes
    assert failed.value.again is again


def test_a_run_that_is_told_to_stop_leaves_a_silent_server(
    server: PictureServer, downloader: Downloader
) -> None:
    patient = replace(downloader, limits=Limits(seconds=110, silence=60))
    threading.Timer(0.3, patient.stop.set).start()
    started = time.monotonic()
    with pytest.raises(FetchFailed):
        patient.content(server.url("/drip"))
    assert time.monotonic() - started < 30


# politeness -----------------------------------------------------------------------------------------------------


def test_a_busy_server_is_asked_again_later(server: PictureServer, downloader: Downloader) -> None:
    server.flaky = 2
    server.pages["/flaky"] = (200, {}, picture_bytes())
    assert PoliteFetcher(downloader, pause=0.01).fetch(server.url("/flaky")).size == len(picture_bytes())
    assert server.calls["/flaky"] == 3
    server.pages["/down"] = (500, {}, b"")
    with pytest.raises(FetchFailed, match="500"):
        PoliteFetcher(downloader, pause=0.01).fetch(server.url("/down"))
    assert server.calls["/down"] == hosts.TRIES


def test_a_host_that_never_answers_is_left_alone(server: PictureServer, downloader: Downloader) -> None:
    fetcher = PoliteFetcher(downloader, pause=0.01)
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()

    def nobody(url: str) -> Any:
        return replace(server.check(server.url("/a.png")), port=port)

    fetcher = PoliteFetcher(replace(downloader, check=nobody), pause=0.001)
    reasons = []
    for n in range(hosts.SILENT_MOST + 2):
        with pytest.raises(FetchFailed) as failed:
            fetcher.fetch(f"http://dead.test/{n}")
        reasons.append(failed.value.reason)
    assert reasons.count("the server does not answer") == hosts.SILENT_MOST
    assert "several times" in reasons[-1]


# runs -----------------------------------------------------------------------------------------------------------


def remote_items(corpus: Corpus, folder: Path, urls: list[str], title: str = "Kettle") -> None:
    folder.mkdir(exist_ok=True)
    lines = "".join(f"p{n},{title} {n},{url}\n" for n, url in enumerate(urls))
    (folder / "products.csv").write_text(f"product_id,title,image_url\n{lines}")
    run = ImportRun.objects.create(corpus=corpus, path=str(folder), format="csv")
    import_run(run=run, fence=transaction.atomic, progress=lambda done, total, note: None)


def run_fetch(corpus: Corpus, downloader: Downloader, **of: Any) -> dict[str, Any]:
    progress = of.pop("progress", lambda done, total, note: None)
    fetcher = PoliteFetcher(replace(downloader, stop=threading.Event()), pause=0.01)
    return fetch_run(corpus=corpus, fence=transaction.atomic, progress=progress, fetcher=fetcher, **of)


def test_a_run_fetches_each_address_once_and_records_the_rest(
    corpus: Corpus, server: PictureServer, downloader: Downloader, tmp_path: Path
) -> None:
    server.pages["/text"] = (200, {}, b"no picture")
    server.pages["/down"] = (500, {}, b"")
    urls = ["/a.png", "/a.png", "/text", "/gone", "/down"]
    remote_items(corpus, tmp_path, [*map(server.url, urls), "http://127.0.0.1/x.png"])
    assert CorpusCounter.objects.get().pictures_remote == 6
    assert run_fetch(corpus, downloader) == {"fetched": 1, "failed": 2, "refused": 2}
    states = dict(ItemImage.objects.values_list("version__item__external_id", "state"))
    assert [states[f"p{n}"] for n in range(6)] == [
        "stored",
        "stored",
        "refused",
        "failed",
        "failed",
        "refused",
    ]
    counter = CorpusCounter.objects.get()
    assert (counter.pictures, counter.pictures_remote, counter.pictures_lost) == (2, 0, 4)
    before = dict(server.calls)
    assert before["/a.png"] == 1
    assert run_fetch(corpus, downloader) == {"fetched": 0, "failed": 0, "refused": 0}
    assert dict(server.calls) == before
    server.pages["/down"] = (200, {}, picture_bytes(color="blue"))
    assert run_fetch(corpus, downloader, failed_too=True) == {"fetched": 1, "failed": 1, "refused": 0}
    assert server.calls["/text"] == before["/text"]


def test_a_new_version_of_an_item_keeps_its_picture(
    corpus: Corpus, server: PictureServer, downloader: Downloader, tmp_path: Path
) -> None:
    remote_items(corpus, tmp_path / "one", [server.url("/a.png")])
    run_fetch(corpus, downloader)
    remote_items(corpus, tmp_path / "two", [server.url("/a.png")], title="Kettle mended")
    assert ItemImage.objects.filter(state="remote").count() == 1
    run_fetch(corpus, downloader)
    assert ItemImage.objects.filter(state="stored").count() == 2
    assert server.calls["/a.png"] == 1


def test_a_cancelled_run_goes_on_where_it_stopped(
    corpus: Corpus, server: PictureServer, downloader: Downloader, tmp_path: Path
) -> None:
    urls = [f"/{n}.png" for n in range(40)]
    server.pages |= {url: (200, {}, picture_bytes()) for url in urls}
    server.slow = 0.05
    remote_items(corpus, tmp_path, [server.url(url) for url in urls])

    def cancelled(done: int, total: int, note: str) -> None:
        assert total == 40
        if done >= 5:
            raise JobCancelled("enough")

    with pytest.raises(JobCancelled):
        run_fetch(corpus, downloader, progress=cancelled)
    stored = set(ItemImage.objects.filter(state="stored").values_list("url", flat=True))
    assert 5 <= len(stored) < 40
    assert not ItemImage.objects.filter(state__in=["failed", "refused"]).exists()
    assert CorpusCounter.objects.get().pictures == len(stored)
    server.calls.clear()
    run_fetch(corpus, downloader)
    assert ItemImage.objects.filter(state="stored").count() == 40
    assert not {server.url(path) for path in server.calls} & stored
    assert server.most <= 2


def test_our_own_full_disk_is_no_fault_of_the_picture(
    corpus: Corpus, server: PictureServer, downloader: Downloader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    remote_items(corpus, tmp_path, [server.url("/a.png")])

    def full(content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("catalog.fetching.download.picture_store", full)
    with pytest.raises(OSError, match="No space"):
        run_fetch(corpus, downloader)
    assert ItemImage.objects.get().state == "remote"


# the page, the endpoint, the job --------------------------------------------------------------------------------


def test_nothing_is_fetched_until_an_admin_asks(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], server: PictureServer,
    downloader: Downloader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    remote_items(corpus, tmp_path, [server.url("/a.png"), server.url("/=gone")])
    assert not Job.objects.filter(kind="catalog.fetch_images").exists()
    root = f"/c/{corpus.slug}/catalog/pictures/"
    assert client_for(people.annotator).post(f"{root}fetch/").status_code == 403
    assert "Fetch 2 pictures" not in client_for(people.editor).get(root).content.decode()
    admin = client_for(people.admin)
    assert "Fetch 2 pictures" in admin.get(root).content.decode()
    assert admin.post(f"{root}fetch/").status_code == 302
    admin.post(f"{root}fetch/")
    job = Job.objects.get(kind="catalog.fetch_images")
    assert AuditEntry.objects.filter(action="pictures.fetch").count() == 1
    monkeypatch.setattr(jobs, "fetcher_make", lambda: PoliteFetcher(downloader, pause=0.01))
    assert job_run(job.pk) == "done"
    page = admin.get(root).content.decode()
    assert "the server answered 404" in page
    lost = b"".join(admin.get(f"{root}not-fetched.csv").streaming_content).decode()
    assert [row[0] for row in csv.reader(io.StringIO(lost))] == ["product_id", "p1"]
    picture = f"{root}{Blob.objects.get().pk}"
    assert b"".join(client_for(people.annotator).get(picture).streaming_content) == picture_bytes()


def test_the_endpoint_starts_one_and_tells(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], server: PictureServer, tmp_path: Path
) -> None:  # fmt: skip
    remote_items(corpus, tmp_path, [server.url("/a.png")])
    url = f"/api/v1/corpora/{corpus.slug}/pictures/"
    assert client_for(people.annotator).post(f"{url}fetch/").status_code == 403
    assert client_for(people.outsider).get(url).status_code == 404
    started = client_for(people.admin).post(f"{url}fetch/")
    assert started.status_code == 202
    told = client_for(people.annotator).get(url).json()
    assert (told["remote"], told["job"]["id"]) == (1, started.json()["job"])


def test_the_job_itself_calls_public_addresses_alone(
    corpus: Corpus, people: SimpleNamespace, server: PictureServer, tmp_path: Path
) -> None:
    assert jobs.fetcher_make().downloader.check is picture_target
    remote_items(
        corpus, tmp_path, [f"http://127.0.0.1:{server.port}/a.png", f"http://localhost:{server.port}/a.png"]
    )
    assert job_run(fetch_start(corpus=corpus, actor=people.admin).pk) == "done"
    assert set(ItemImage.objects.values_list("state", flat=True)) == {"refused"}
    assert not server.calls
