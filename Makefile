# The two commands: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
RUN = .venv/bin/python

.DEFAULT_GOAL := demo
.PHONY: help demo test lint setup stop status lock

help:
	@echo "make demo    set everything up, start the site on http://127.0.0.1:8000, turn the loop once on the sample"
	@echo "make test    set up what is needed, lint and run the whole suite"
	@echo "make stop    stop what a demo has left running"
	@echo "make status  each part of this home: up or down, and its log"
	@echo "make setup   the environment alone (.venv); make lint, make lock: for a change of code, of requirements.in"
	@echo "PORT, HOST, LORE_HOME, DATABASE_URL, BROKER_URL, DEMO_EXIT=1 are honoured: docs/settings.md"

demo: setup
	@exec $(RUN) -m runtime demo

test: setup lint
	@.venv/bin/pytest -n auto --maxprocesses 4 --dist worksteal

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@DATABASE_URL=postgresql:///none SECRET_KEY=none .venv/bin/mypy
	@.venv/bin/lint-imports
	@$(RUN) manage.py makemigrations --check --dry-run

setup:
	@command -v $(PYTHON) >/dev/null || { echo "python3 is missing: install Python 3.11 or newer and run make again" >&2; exit 2; }
	@$(PYTHON) runtime/bootstrap.py

stop: setup
	@$(RUN) -m runtime stop

status: setup
	@$(RUN) -m runtime status

# After a change of requirements.in. No index is written into the lock, and torch stays out of it (see runtime/bootstrap.py).
lock: setup
	@echo "torch ; sys_platform == 'none'" | .venv/bin/uv pip compile requirements.in --override - \
		--universal --python-version 3.11 --no-emit-package torch --no-header --no-annotate -q -o requirements.lock
