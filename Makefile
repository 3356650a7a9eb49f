# Every target creates .venv if necessary. Nothing outside this folder is changed.
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

demo: .venv/.ready ## upload a model to an embedded Hub and download it; with HF_ENDPOINT set, only read REPO there
	$(BIN)/python -m hub_typed.local.demo --folder build/demo $(if $(REPO),--repo $(REPO))

test: .venv/.ready ## run the tests
	$(BIN)/pytest -n 2

# Fast tests of code that uses a dependency: models (attrs, cattrs), requests (urllib3), locks and disk (filelock),
# progress bars (tqdm), cards (PyYAML, Jinja2), JSON (orjson), the embedded Hub (pygit2, uvicorn, h11), and scenarios of
# both clients.
LOWEST_TESTS := tests/cards tests/disk tests/flows tests/codegen/test_lowest.py tests/generated/test_models.py \
	tests/generated/test_coerce.py tests/generated/test_json_values.py tests/http/test_transport.py \
	tests/http/test_send.py tests/http/test_certificates.py tests/logs/test_redaction.py tests/test_settings.py \
	tests/test_progress.py tests/test_scheduler.py tests/local/server/test_app.py tests/local/server/test_asgi.py \
	tests/local/git/test_commits.py tests/local/git/test_repository.py tests/client/test_contents.py \
	tests/client/test_verify.py --deselect tests/flows/files/test_processes.py
build/lowest/.ready: pyproject.toml .venv/.ready
	mkdir -p build
	$(BIN)/python -m codegen.checks.lowest >build/lowest.txt
	$(PYTHON) -m venv --clear build/lowest
	build/lowest/bin/pip install --quiet --disable-pip-version-check --constraint build/lowest.txt \
		--editable '.[cards,fast,local]' hypothesis jsonschema openapi-schema-validator packaging pytest \
		pytest-randomly pytest-timeout pytest-xdist
	touch $@

test-lowest: build/lowest/.ready ## run the fast tests with the lowest dependency versions that pyproject.toml allows
	build/lowest/bin/pytest -n 2 $(LOWEST_TESTS)

generate: .venv/.ready ## write generated/ and docs/endpoints/ from spec/
	$(BIN)/python -m codegen

drift: .venv/.ready ## check that both are up to date with spec/
	$(BIN)/python -m codegen --check

corpus: .venv/.ready ## check the spec and the codec against captured responses: CORPUS=DIR
	$(BIN)/python -m codegen.checks.corpus $(CORPUS)

vendor-diff: .venv/.ready ## compare the spec with the vendor's document: VENDOR=openapi.json
	$(BIN)/python -m codegen.checks.vendor $(VENDOR)

format: .venv/.ready ## format the code
	$(BIN)/ruff check --fix --show-fixes
	$(BIN)/ruff format

lint: .venv/.ready ## check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/ruff check --config 'lint.exclude = []' --select F,I generated

types: .venv/.ready ## check the types of the repository, then of the wheel built from it
	$(BIN)/mypy
	$(BIN)/pyright --warnings
	$(BIN)/pytest -m wheel tests/packaging

serve: .venv/.ready ## start an embedded Hub that keeps its data: ROOT=build/hub PORT=8080
	$(BIN)/python -m hub_typed.local --root $(ROOT) --port $(PORT)

bench: .venv/.ready ## compare with the official client, write build/bench.json: ARGS='--quick --only small'
	$(BIN)/python -m benchmarks $(ARGS)

ci: drift lint types test test-lowest demo ## run all checks
