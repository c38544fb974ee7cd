# The two commands a newcomer needs: `make demo` and `make test`. Everything else is a part of them.
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
PORT := 3000

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

test: env  ## run linters and all tests
	$(MAKE) lint
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: env  ## check style, types and SQL
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models

ui: env  ## open the demo workspace in the Dagster UI
	@test -f $(DEMO)/mbr.yml || $(BIN)/mbr init $(DEMO) --demo
	$(BIN)/mbr ui --workspace $(DEMO) --port $(PORT)

lock: env  ## resolve the dependencies anew (hashes, no addresses)
	$(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-header -q requirements.in -o requirements.lock
	$(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-header -q -c requirements.lock requirements-dev.in -o requirements-dev.lock

.PHONY: help env demo test lint ui lock
