# What a contributor types. Everything happens in .venv, which `make setup` makes.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
C_SOURCES = $(wildcard cext/*/*.[ch] tests/cext/*.h tests/cext/*/*.c tests/fuzz/*.c)
READY := $(VENV)/.ready
NODE_READY := node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help setup hooks build test test-all test-exhaustive lint format site pictures wheel sanitizers fuzz coverage bench demo ci clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --group lint --editable '.[test]'
	@touch $@

$(NODE_READY): package.json
	npm install --silent --no-package-lock --no-audit --no-fund
	@touch $@

setup: $(READY) ## make .venv with everything, and build

hooks: $(READY) ## have git check each commit, with the quick ones of lint
	$(BIN)/pre-commit install

build: $(READY) ## build the extensions again, after a change in cext/
	$(BIN)/pip install --quiet --no-deps --editable .

test: build ## run the tests (a few minutes)
	$(BIN)/pytest

test-all: build ## run the slow tests too
	$(BIN)/pytest -m "not exhaustive"

test-exhaustive: build ## run all tests, also those of which there are hundreds alike (an hour)
	$(BIN)/pytest -m "exhaustive or not exhaustive"

lint: $(READY) $(NODE_READY) ## check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/clang-format --dry-run --Werror $(C_SOURCES)
	$(BIN)/mypy --strict memscope
	$(BIN)/lint-imports
	npm run --silent lint

format: $(READY) ## format the Python and the C code
	$(BIN)/clang-format -i $(C_SOURCES)
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

site: build ## build the site into site/, and check its links
	$(BIN)/pip install --quiet --group docs
	$(BIN)/mkdocs build --strict

pictures: build ## draw the pictures in docs/images anew, from programs recorded now
	$(BIN)/python docs/images/draw_summary.py sample_apps/chunked_reading/before.py
	$(BIN)/python docs/images/draw_report.py

wheel: $(READY) ## make a wheel and an sdist in dist/, and check them (see docs/releasing.md)
	$(BIN)/pip install --quiet --group wheel
	$(BIN)/python -m build
	PATH=$(BIN):$$PATH auditwheel repair --strip -w dist/repaired dist/*.whl
	$(BIN)/twine check --strict dist/*.tar.gz dist/repaired/*.whl

sanitizers: $(READY) ## run the C tests plain, under ASan and UBSan, and the rings under TSan
	$(BIN)/pytest tests/cext

SECONDS ?= 900
fuzz: build ## put the drain and every subcommand to hostile input, SECONDS=900 each
	MEMSCOPE_FUZZ_SECONDS=$(SECONDS) $(BIN)/pytest -m slow tests/fuzz

coverage: ## show which lines the tests run, Python and C (twice as long as the tests)
	.ci/coverage/run $(PYTHON)

bench: build ## measure the cost (see docs/performance.md)
	$(BIN)/python benchmarks/run.py --help

demo: build ## record a sample app and show the summary
	$(BIN)/memscope run --force --output $(VENV)/demo.mscope sample_apps/chunked_reading/before.py

ci: ## what the CI runs: all Pythons, needs root
	.ci/run

clean: ## remove what was built
	rm -rf build dist site node_modules $(VENV) memscope/*.so *.egg-info
