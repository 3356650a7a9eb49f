# Every target sets up .venv by itself; nothing outside this folder is touched.
PYTHON ?= python3.11
PORT ?= 8080
CORPUS ?= ../shared/corpus
VENDOR ?= ../shared/vendor/openapi.json
ROOT ?= build/hub
BIN := .venv/bin

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help demo test test-lowest generate drift corpus vendor-diff format lint types serve bench ci

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: .venv/.ready ## take a real model to an embedded Hub and back; with HF_ENDPOINT set, read REPO there
	$(BIN)/python -m hub_typed.local.demo --folder build/demo $(if $(REPO),--repo $(REPO))

test: .venv/.ready ## run the tests
	$(BIN)/pytest -n 2

# All of the client that touches a dependency: settings, transport, disk, cards, downloads and commits. What takes longest
# (many processes, large bodies) is left out.
LOWEST_TESTS := tests/cards tests/core tests/flows tests/generated/test_models.py tests/local/test_app.py \
	tests/local/test_git.py tests/local/test_server.py tests/client/test_contents.py tests/client/test_cards.py
build/lowest/.ready: pyproject.toml .venv/.ready
	mkdir -p build
	$(BIN)/python -m codegen.checks.lowest >build/lowest.txt
	$(PYTHON) -m venv --clear build/lowest
	build/lowest/bin/pip install --quiet --disable-pip-version-check --constraint build/lowest.txt \
		--editable '.[cards,local]' hypothesis jsonschema openapi-schema-validator pytest pytest-timeout pytest-xdist \
		pytest-randomly
	touch $@

test-lowest: build/lowest/.ready ## run the fast tests with the lowest versions of all dependencies that pyproject.toml allows
	build/lowest/bin/pytest -n 2 $(LOWEST_TESTS)

generate: .venv/.ready ## write generated/ and docs/endpoints/ from spec/
	$(BIN)/python -m codegen

drift: .venv/.ready ## prove that both are what spec/ says
	$(BIN)/python -m codegen --check

corpus: .venv/.ready ## check the spec and the codec on captured answers: CORPUS=DIR
	$(BIN)/python -m codegen.checks.corpus $(CORPUS)

vendor-diff: .venv/.ready ## compare the spec with a document of the vendor: VENDOR=openapi.json
	$(BIN)/python -m codegen.checks.vendor $(VENDOR)

format: .venv/.ready ## put the code into shape
	$(BIN)/ruff check --fix --show-fixes
	$(BIN)/ruff format

lint: .venv/.ready ## look for what is out of shape
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/ruff check --config 'lint.exclude = []' --select F,I generated

types: .venv/.ready ## check the types: of the repository, then of the wheel built from it
	$(BIN)/mypy
	$(BIN)/pyright --warnings
	$(BIN)/pytest -m wheel tests/packaging

serve: .venv/.ready ## start an embedded Hub that keeps its data: ROOT=build/hub PORT=8080
	$(BIN)/python -m hub_typed.local --root $(ROOT) --port $(PORT)

bench: .venv/.ready ## measure us against the official client, into build/bench.json: ARGS='--quick --only small'
	$(BIN)/python -m benchmarks $(ARGS)

ci: drift lint types test test-lowest demo ## everything that a change must pass
