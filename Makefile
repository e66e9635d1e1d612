# What a contributor types. Everything happens in .venv, which `make setup` makes.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup build test test-all lint format sanitizers fuzz bench demo ci clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --group lint --editable '.[test]'
	@touch $@

setup: $(READY) ## make .venv with everything, and build

build: $(READY) ## build the extensions again, after a change in cext/
	$(BIN)/pip install --quiet --no-deps --editable .

test: build ## run the tests (a few minutes)
	$(BIN)/pytest

test-all: build ## run the slow tests too
	$(BIN)/pytest -m "slow or not slow"

lint: $(READY) ## check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict memscope
	$(BIN)/lint-imports

format: $(READY) ## format the Python code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

sanitizers: $(READY) ## run the C tests plain, under ASan and UBSan, and the rings under TSan
	$(BIN)/pytest tests/cext

SECONDS ?= 900
fuzz: build ## put the drain and every verb to hostile input, SECONDS=900 each
	MEMSCOPE_FUZZ_SECONDS=$(SECONDS) $(BIN)/pytest -m slow tests/fuzz

bench: build ## measure the cost (see docs/performance.md)
	$(BIN)/python benchmarks/run.py --help

demo: build ## record a sample app and show the summary
	$(BIN)/memscope run --force --output $(VENV)/demo.mscope sample_apps/chunked_reading/before.py

ci: ## what the CI runs: all Pythons, needs root
	.ci/run

clean: ## remove what was built
	rm -rf build dist $(VENV) memscope/*.so *.egg-info
