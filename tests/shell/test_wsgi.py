"""What a web process has ready when it starts."""

import os
import subprocess
import sys

ASKED = """
import sys, webapp.wsgi
from rules.language import parser
print(parser._parser.cache_info().currsize, "pandas" in sys.modules, "serving.views" in sys.modules)
"""


def test_a_worker_starts_with_the_pages_the_grammar_and_arrow_ready() -> None:
    surroundings = {**os.environ, "DATABASE_URL": "postgresql:///none", "SECRET_KEY": "none"}
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASKED],
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["1", "True", "True"]
