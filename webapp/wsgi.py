"""The web server's entry (gunicorn)."""

import os

import pyarrow as pa
from django.core.wsgi import get_wsgi_application

from rules.language.parser import parse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
application = get_wsgi_application()

# Once, before the workers part, what the first count of an editor would wait for: the grammar of conditions is built, and
# Arrow imports what it imports when it is first used.
parse("true")
pa.array([0])
