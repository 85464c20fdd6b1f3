# Every target sets itself up; Python 3.11 or newer (with venv), make and git are all it needs.
# Another interpreter: make test PYTHON=python3.13.  More options: make test ARGS="-k walls".

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# One stamp per set of packages, newer than pyproject.toml when it need not be installed again.
DEV := $(VENV)/.installed-dev
DEMO := $(VENV)/.installed-demo

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help install test check format lint types docs bench demo clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(DEV) ## make .venv with everything the targets need
	@echo "$(VENV) is ready"

test: $(DEV) ## run every test
	@$(BIN)/python -m pytest -q $(ARGS)

check: lint types test ## format, lint, strict types, and every test (import walls among them)

format: $(DEV) ## rewrite the code in the project's format
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

lint: $(DEV) ## is the code formatted and free of lint?
	@$(BIN)/ruff format -q --check . && $(BIN)/ruff check -q . && echo "format and lint: clean"

types: $(DEV) ## strict type check
	@$(BIN)/mypy

docs: $(DEV) ## do the pages name only what exists?
	@$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_docs.py

bench: $(DEV) ## our speed beside the peers', e.g. ARGS="--quick --only redis"
	@$(BIN)/python -m bench.run $(ARGS)

demo: $(DEMO) ## the main job on real data: 336,776 flights
	@$(BIN)/fivefold demo flights

clean: ## remove .venv, caches and the demo's file
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build demo.db demo.db-*
	@find src tests bench -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "fivefold needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.13" >&2; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(DEV): pyproject.toml | $(BIN)/python
	@echo "installing fivefold and its development tools into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --use-pep517 -e '.[dev]'
	@touch $(DEMO) $@

$(DEMO): pyproject.toml | $(BIN)/python
	@echo "installing fivefold and the demo's data into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --use-pep517 -e '.[demo]'
	@touch $@
