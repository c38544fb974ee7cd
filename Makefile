# What a newcomer needs: `make demo`, `make check` while working, `make test` at the end. `make help` lists the rest.
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
PORT := 3000

LOCK := $(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-header -q

help:  ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# hashes are checked and dependencies are not resolved again: what is locked is what is installed
$(VENV)/.installed: requirements-dev.lock pyproject.toml
	@echo "building $(VENV) (about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "MBR needs Python 3.11: make PYTHON=/path/to/python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

env: $(VENV)/.installed  ## build .venv with .venv/bin/mbr

demo: env  ## make the demo workspace and close October 2026: where to look is printed at the end
	@test -f $(DEMO)/mbr.yml || $(BIN)/mbr init $(DEMO) --demo
	@for month in 2026-08 2026-09; do $(BIN)/mbr run --workspace $(DEMO) --period $$month || exit 1; done
	@# October ends with exit code 3 by design: one MSP's gate is blocked by a control total
	@$(BIN)/mbr run --workspace $(DEMO) --period 2026-10 || test $$? -eq 3

check: env  ## format, lint, types, unit tests and one small month: the quick loop
	@$(MAKE) --no-print-directory -j3 lint-style lint-types check-tests

test: env  ## linters and all tests: what CI runs
	@$(MAKE) --no-print-directory -j4 lint-style lint-types lint-sql all-tests

lint: lint-style lint-types lint-sql  ## check style, types and SQL

# linters run beside the tests, so that no core waits for them
lint-style: env
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

lint-types: env
	$(BIN)/mypy

lint-sql: env
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models

# files stay whole on a worker, and start in the order of tests/support/kinds.py: the longest first
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations 40 --durations-min 10

check-tests: env
	$(PYTEST) -m "unit or smoke"

all-tests: env
	$(PYTEST)

docs: env  ## build the documentation as one site into site/, without the network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

ui: env  ## open the demo workspace in the Dagster UI
	@test -f $(DEMO)/mbr.yml || $(BIN)/mbr init $(DEMO) --demo
	$(BIN)/mbr ui --workspace $(DEMO) --port $(PORT)

lock: env  ## resolve the dependencies of pyproject.toml anew (hashes, no addresses)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) -c requirements.lock --extra objects pyproject.toml -o requirements-objects.lock
	$(LOCK) -c requirements.lock --extra distributed pyproject.toml -o requirements-distributed.lock
	$(LOCK) -c requirements-distributed.lock -c requirements-objects.lock --all-extras --group dev pyproject.toml -o requirements-dev.lock

audit: env  ## look up known faults of the locked packages (needs the network, so no part of `make test`)
	$(BIN)/uvx pip-audit --require-hashes --disable-pip -r requirements.lock

.PHONY: help audit env demo check test lint lint-style lint-types lint-sql check-tests all-tests docs ui lock
