"""A corpus to measure in, filled by the database server itself, and the web server over it."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from annotation.models import Campaign
from annotation.services import campaign_create, campaign_open
from catalog.models import Pair
from catalog.sample.rulebook import rulebook
from rules.models import Release
from rules.selectors import release_current
from rules.services import rulebook_publish
from webapp.common.models import Corpus, Membership, Role, User
from webapp.common.scratch import child_environment

PER_QUERY = 100  # pairs of one query
BACKEND = "django.contrib.auth.backends.ModelBackend"

FILL_SQL = (
    """INSERT INTO catalog_query (corpus_id, external_id, text, key, facets, created_at)
    SELECT %(corpus)s, 'q' || n, 'red dress number ' || n, 'red dress number ' || n,
        '{"color": "red", "category": "dress", "head": "dress", "tokens": ["red", "dress"], "negated": []}', now()
    FROM generate_series(1, %(queries)s) n""",
    """INSERT INTO catalog_item (corpus_id, external_id)
    SELECT %(corpus)s, 'item-' || n FROM generate_series(1, %(items)s) n""",
    """INSERT INTO catalog_itemversion (item_id, content_hash, title, brand, category, created_at)
    SELECT id, md5(external_id), initcap((ARRAY['red', 'blue', 'green', 'black', 'white'])[1 + id %% 5])
        || ' evening dress with long sleeves, style ' || id, 'Brand ' || id %% 50, 'dress', now()
    FROM catalog_item WHERE corpus_id = %(corpus)s""",
    """INSERT INTO catalog_itempayload (version_id, description, attributes)
    SELECT version.id, repeat('A dress that falls softly and keeps its form after many washes. ', 12),
        jsonb_build_object('color', (ARRAY['red', 'blue', 'green', 'black', 'white'])[1 + item.id %% 5],
            'size', (ARRAY['S', 'M', 'L'])[1 + item.id %% 3], 'material', 'cotton', 'audience', 'women',
            'season', 'summer', 'price', 20 + item.id %% 80, 'style', 'casual')
    FROM catalog_itemversion version JOIN catalog_item item ON item.id = version.item_id
    WHERE item.corpus_id = %(corpus)s""",
    """UPDATE catalog_item item SET current_id = version.id FROM catalog_itemversion version
    WHERE version.item_id = item.id AND item.corpus_id = %(corpus)s""",
    """INSERT INTO catalog_pair (corpus_id, query_id, item_id)
    SELECT %(corpus)s, query.id, item.id FROM
        (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM catalog_query WHERE corpus_id = %(corpus)s) query
        CROSS JOIN generate_series(0, %(per)s - 1) step
        JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM catalog_item
              WHERE corpus_id = %(corpus)s) item ON item.place = (query.place * 37 + step) %% %(items)s
    ORDER BY query.id, step LIMIT %(size)s""",
)
FILLED_SQL = "SELECT relname FROM pg_stat_user_tables WHERE pg_relation_size(relid) > 0"
# What a campaign over all pairs leaves behind when it is done: a judgment in every slot.
JUDGED_SQL = (
    """INSERT INTO annotation_judgment (id, corpus_id, pair_id, item_version_id, slot_id, person_id, release_id, grade,
        dimension, rules_shown, rules_cited, picture_decided, disagreement, blind, origin, seconds, at)
    SELECT gen_random_uuid(), %(corpus)s, pair.id, item.current_id, slot.id, person.id, %(release)s, grade,
        CASE grade WHEN 2 THEN 'colour' ELSE '' END, '["R01"]', '["R01"]', false, '', slot.id %% 5 = 0, 'site',
        2 + slot.id %% 7, now() - slot.id * interval '1 second'
    FROM annotation_slot slot JOIN annotation_annotationtask task ON task.id = slot.annotation_task_id
    JOIN catalog_pair pair ON pair.id = task.pair_id JOIN catalog_item item ON item.id = pair.item_id
    CROSS JOIN LATERAL (SELECT (1 + slot.id %% 4)::smallint AS grade) g
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM common_user) person
        ON person.place = slot.id %% (SELECT count(*) FROM common_user)
    WHERE slot.campaign_id = %(campaign)s""",
    """UPDATE annotation_slot slot SET state = 'done', person_id = judgment.person_id
    FROM annotation_judgment judgment WHERE judgment.slot_id = slot.id AND slot.campaign_id = %(campaign)s""",
    "UPDATE annotation_annotationtask SET outcome = 'agreed' WHERE campaign_id = %(campaign)s",
    "UPDATE annotation_campaign SET slots_done = slots_total WHERE id = %(campaign)s",
    """INSERT INTO catalog_settledverdict (pair_id, item_version_id, grade, dimension, source, method, picture_decided,
        blind, at)
    SELECT pair_id, item_version_id, grade, dimension, 'consensus', 'majority of 1', false, blind, at
    FROM annotation_judgment WHERE corpus_id = %(corpus)s ON CONFLICT DO NOTHING""",
)


@dataclass(frozen=True)
class Scene:
    """A corpus with a rulebook in force, `size` pairs and people who judge; `sessions` are their signed-in cookies."""

    corpus: Corpus
    admin: User
    release: Release
    sessions: list[tuple[int, str]]
    size: int

    def campaign(self, name: str, *, pairs: int, redundancy: int = 1) -> Campaign:
        chosen = Pair.objects.filter(corpus=self.corpus).order_by("query_id", "pk")
        made = campaign_create(
            corpus=self.corpus, name=name, actor=self.admin, pairs=chosen[:pairs] if pairs < self.size else chosen,
            redundancy=redundancy, blind_share=0.2,
        )  # fmt: skip
        return campaign_open(campaign=made, actor=self.admin)

    def judge_all(self, campaign: Campaign) -> None:
        """Answer every slot of a campaign, in the server."""
        run(JUDGED_SQL, corpus=self.corpus.pk, campaign=campaign.pk, release=self.release.pk)


def run(statements: tuple[str, ...], **values: Any) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)


def scene_make(size: int, people: int) -> Scene:
    """Fill the database in use; the rulebook is published first, while there is nothing it could overturn."""
    corpus = Corpus.objects.create(slug="bench", name="Benchmark", synthetic=True)
    admin = User.objects.create_user("admin@bench.invalid", "Admin")
    Membership.objects.create(user=admin, corpus=corpus, role=Role.ADMIN)
    rulebook_publish(corpus=corpus, document=rulebook(), author=None, reviewer=None)
    release = release_current(corpus)
    assert release is not None
    sessions = [_person(corpus, number) for number in range(people)]
    items = max(PER_QUERY, size // 20)
    queries = max(1, -(-size // PER_QUERY))
    run(FILL_SQL, corpus=corpus.pk, size=size, queries=queries, items=items, per=PER_QUERY)
    settled()
    return Scene(corpus, admin, release, sessions, size)


def settled() -> None:
    """Let the planner see, and the disk have, what has been loaded: what is measured next is not the end of the loading.

    Tables without rows stay out, as autovacuum leaves them out: of a table that was vacuumed while it was empty the planner
    believes that it stays so, and the plans kept for the answers would read it whole until it is analysed again.
    """
    with connection.cursor() as cursor:
        cursor.execute(FILLED_SQL)
        tables = ", ".join(connection.ops.quote_name(name) for (name,) in cursor.fetchall())
        cursor.execute(f"VACUUM ANALYZE {tables}")
        cursor.execute("CHECKPOINT")


def _person(corpus: Corpus, number: int) -> tuple[int, str]:
    user = User.objects.create_user(f"annotator{number}@bench.invalid", f"Annotator {number}")
    Membership.objects.create(user=user, corpus=corpus, role=Role.ANNOTATOR)
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return user.pk, str(session.session_key)


@contextmanager
def web_server(workers: int = 2, threads: int = 4) -> Iterator[str]:
    """The site as it is served elsewhere: gunicorn with several workers over the database in use; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", str(workers)]
    options += ["--threads", str(threads), "--no-control-socket", "--preload", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", "webapp.wsgi:application", *options]
    with (Path(settings.LORE_HOME) / "bench-web.log").open("ab") as log:
        server = subprocess.Popen(
            command,
            env=child_environment() | {"SECURE_COOKIES": ""},
            cwd=settings.BASE_DIR,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(url: str, seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (OSError, urllib.error.URLError):
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)
