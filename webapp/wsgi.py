"""The web server's entry (gunicorn)."""

import gc
import os
import sys
from importlib import import_module

import pyarrow as pa
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template import engines

from rules.language.parser import parse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
application = get_wsgi_application()

# Once, before the workers part, what the first page would wait for: views and template tags are imported, the grammar of
# conditions is built, and Arrow imports what it imports when it is first used.
import_module(settings.ROOT_URLCONF)
engines.all()
parse("true")
pa.array([0])

# What has been made up to here stays: the collector need not walk over it again and again, which held every request of a
# worker up for 130 to 190 ms, every twenty seconds or so under load; and workers go on sharing its memory.
gc.collect()
gc.freeze()

# A request waits for the database some twenty times, and after each wait for the interpreter: with the usual 5 ms two busy
# threads spend more time on handing it over than on the work. Measured in `bench annotation`: the median at 100 answers a
# second fell by a third, saturation rose by a third.
sys.setswitchinterval(0.001)
