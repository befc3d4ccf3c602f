# `make run` serves a demo institution on this machine, `make test` checks everything; both need Python 3.11 and nothing else.

PYTHON ?= python3
PORT ?= 8000
MAKEFLAGS += --no-print-directory
VENV_PYTHON := .venv/bin/python

# What the checks see instead of the developer's own settings; an empty variable keeps `.env` from filling it.
PRODUCTION := LUMINA_ENVIRONMENT=production DEBUG= ALLOWED_HOSTS=attendance.example.org LEDGER_KEY_FILE=/etc/lumina/ledger.key
types: export DATABASE_URL = sqlite://:memory:
types: export SECRET_KEY = only-for-checks-b8Gq2Jw7Zr5Kx9Tn3Vd6Hs1Lf4Pc0My8Qa2Ue7Wi5Xo
types: export LUMINA_ENVIRONMENT = development
types: export ALLOWED_HOSTS =

.PHONY: help run test test-postgresql test-sqlite test-browser lint style types bench

help:
	@echo 'make run    serve a demo institution on http://127.0.0.1:8000/ (PORT=8080 make run: on another port)'
	@echo 'make test   check style, types and settings, and run all tests on PostgreSQL and on SQLite'
	@echo 'make lint   only the checks, without the tests'
	@echo 'make bench  measure the cache beside what it is compared to, and write benchmarks/RESULTS.md'

run: .venv/requirements.stamp
	@case '$(PORT)' in *[!0-9]*|'') echo 'PORT is a number such as 8080.'; exit 1;; esac
	@$(VENV_PYTHON) -c 'import socket, sys; sys.exit(socket.socket().connect_ex(("127.0.0.1", $(PORT))) == 0)' \
		|| { echo 'Port $(PORT) is taken; choose another one: PORT=8080 make run'; exit 1; }
	@$(VENV_PYTHON) manage.py migrate --verbosity 0
	@$(VENV_PYTHON) manage.py demo --address http://127.0.0.1:$(PORT)
	@echo 'LuminaLearn runs on http://127.0.0.1:$(PORT)/ until Ctrl-C.'
	@exec $(VENV_PYTHON) -m gunicorn --bind 127.0.0.1:$(PORT) attendance_system.wsgi

# Two at once: each is one process most of the time, and even small machines have two cores. The browser comes last, as it
# takes both of them for itself.
test: style
	@$(MAKE) --jobs=2 --output-sync=target types test-postgresql test-sqlite test-browser

# What needs no database is asked once, beside SQLite (tests/test_kinds.py sees to it that it needs none), and so are pages
# after each change of each column: PostgreSQL's triggers have tests of their own for each column.
ASKED_ONCE := tests/archives tests/importers tests/qr tests/timetable tests/test_env.py tests/test_layers.py \
	tests/test_settings.py tests/caching/test_model_check.py tests/pages/test_freshness.py

test-postgresql:
	TEST_DATABASE=postgresql $(VENV_PYTHON) -m pytest --ignore=tests/browser $(ASKED_ONCE:%=--ignore=%)

test-sqlite:
	TEST_DATABASE=sqlite $(VENV_PYTHON) -m pytest --ignore=tests/browser

test-browser:
	TEST_DATABASE=sqlite $(VENV_PYTHON) -m pytest tests/browser

lint: style types

style: .venv/requirements-dev.stamp
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .

types: .venv/requirements-dev.stamp
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(VENV_PYTHON) manage.py check --deploy --fail-level WARNING

bench: .venv/requirements-bench.stamp
	@$(VENV_PYTHON) -m benchmarks

.venv/requirements-dev.stamp: requirements.txt requirements-anchor.txt
.venv/requirements-bench.stamp: requirements.txt requirements-anchor.txt requirements-dev.txt
.venv/%.stamp: %.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'LuminaLearn needs Python 3.11 or newer as $(PYTHON); name another one: make PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo 'The venv module of Python is missing; get it with: apt-get install python3-venv'; exit 1; }
	@$(VENV_PYTHON) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo 'Installing $< into .venv ...'
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
