"""What a web process has ready when it starts."""

import os
import subprocess
import sys

ASKED = """
import gc, sys, webapp.wsgi
from rules.language import parser
print(parser._parser.cache_info().currsize, "pandas" in sys.modules, "serving.views" in sys.modules)
print(gc.get_freeze_count() > 100_000, sys.getswitchinterval())
"""


def test_a_worker_starts_with_all_that_stays_ready_and_out_of_the_collectors_way() -> None:
    surroundings = {**os.environ, "DATABASE_URL": "postgresql:///none", "SECRET_KEY": "none"}
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASKED],
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["1", "True", "True", "True", "0.001"]
