"""A whole turn with the real trainer: gradient steps on a model of a few thousand weights, scored by the real server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from training_bridge.model_client import score, server_down
from training_bridge.models import ModelVersion
from training_bridge.services import turn_start
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job, User

from .conftest import small_recipe

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def model_server(settings: Any, tmp_path: Path) -> Iterator[None]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = tmp_path / "token"
    token.write_text("secret")
    settings.MODEL_SERVER_URL, settings.MODEL_SERVER_TOKEN = f"http://127.0.0.1:{port}", "secret"
    command = [
        sys.executable,
        "-m",
        "training_bridge.trainer",
        "serve",
        "--port",
        str(port),
        "--token-file",
        str(token),
    ]
    server = subprocess.Popen(command, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    limit = time.monotonic() + 60
    while server_down():
        assert time.monotonic() < limit and server.poll() is None, "the model server did not come up"
        time.sleep(0.2)
    yield
    server.terminate()
    server.wait(30)


def test_a_turn_trains_measures_and_serves(
    judged: Corpus, admin: User, settings: Any, tmp_path: Path, model_server: None
) -> None:
    settings.RUN_ROOT, settings.LORE_HOME = tmp_path / "runs", tmp_path
    turn = turn_start(corpus=judged, actor=admin, recipe="tiny")
    turn.recipe_content = small_recipe()
    turn.save(update_fields=["recipe_content"])
    job_run(turn.job_id)
    job = Job.objects.get(pk=turn.job_id)
    assert job.state == "done", job.error
    turn.refresh_from_db()
    subjects = {row["subject"] for row in turn.report["rows"]}
    assert {"SFT, direct", "majority class", "word overlap + LR", "rules alone"} <= subjects
    model = ModelVersion.objects.order_by("-number")[0]
    assert (Path(model.uri) / "model.safetensors").is_file()
    answers = score(["query: red dress\nitem: Acme dress red", "query: lamp\nitem: Acme mug"], model)
    assert all(abs(sum(one.probabilities) - 1) < 1e-6 for one in answers)
