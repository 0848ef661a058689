# HC-TAP. `make` alone lists the targets. Needs Python >= 3.11 with venv, make, and a package index; nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
UV_VERSION := 0.13.8
VENV := .venv
BIN := $(VENV)/bin
MANIFESTS := pyproject.toml uv.lock $(wildcard */pyproject.toml services/*/pyproject.toml)
SOURCES := core nlp cli stores remote client embedded infra services benchmarks tests

##@ The product (STACK=docker: in containers; STACK=embedded: from wheels; else the stack that is up or was used last)

.PHONY: etl
etl: ## Run the main job: start the stores, import the samples, extract, evaluate
	@tools/stack etl

.PHONY: up
up: ## Start the stack with API and dashboard, and print their addresses
	@tools/stack up

.PHONY: down
down: ## Stop the stack; the data stays
	@tools/stack down

.PHONY: status
status: ## Say what runs
	@tools/stack status

.PHONY: logs
logs: ## Print the end of the logs: PART=api LINES=50
	@PART="$(PART)" LINES_WANTED="$(LINES)" tools/stack logs

.PHONY: seed
seed: ## Import the samples into the lake, without a run
	@tools/stack seed

.PHONY: sync-s3
sync-s3: ## Import notes of your own into the lake: NOTES=folder or file
	@NOTES="$(NOTES)" tools/stack sync-s3

.PHONY: psql
psql: ## Open the database
	@tools/stack psql

.PHONY: shell
shell: ## Open a shell in which every command finds the stack
	@tools/stack shell

##@ Development

.PHONY: test
test: $(VENV)/.dev ## Run all tests on real stores, started for the session; at least 85% of the lines
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m pytest --cov --cov-report=
	@$(BIN)/python -m coverage report --fail-under=85 --skip-covered --show-missing --precision=1 | tail -n 40

.PHONY: test-properties
test-properties: $(VENV)/.dev ## Try the engine's properties on thousands of random texts: EXAMPLES=2000
	@HCTAP_TEST_EXAMPLES=$(or $(EXAMPLES),2000) $(BIN)/python -m pytest -q tests/nlp/test_properties.py

SEEDS ?= 200
SEED ?=
.PHONY: test-chaos
test-chaos: $(VENV)/.dev ## Kill, cut off and fill up what a run stands on: SEEDS=200 [SEED= the first]; compare bytes
	@$(BIN)/python -m tests.chaos $(SEEDS) $(SEED)

.PHONY: soak
soak: $(VENV)/.dev ## Import and run NOTES=100000 notes in MEMORY=1024 MB, and see that memory stays flat
	@$(BIN)/python -m tests.soak $(if $(filter command,$(firstword $(origin NOTES))),$(NOTES),100000) $(MEMORY)

.PHONY: test-e2e
test-e2e: ## Run the end-to-end tests against the stack that is up: E2E_BASE_URL= for any other
	@tools/stack test-e2e

.PHONY: smoke
smoke: $(VENV)/.dev ## Build the images, bring the stack up in containers, break it, heal it, take it down: ALL=1 for TLS
	@HCTAP_SMOKE=$(if $(ALL),all,1) $(BIN)/python -m pytest -q -x -s tests/smoke

.PHONY: docs-images
docs-images: ## Run `model` and then the main job over the samples, and take the pictures of docs/images
	@tools/stack docs-images

SBOM := build/sbom

.PHONY: sbom
sbom: ## Write what each image is made of, as CycloneDX, into build/sbom
	@mkdir -p $(SBOM)
	@for name in api dashboard etl; do $$(tools/uv-path) export --quiet --format cyclonedx1.5 --frozen \
	--no-default-groups --package hctap-$$name --output-file $(SBOM)/$$name.cdx.json 2>/dev/null >&2 || exit 1; done
	@ls $(SBOM)

.PHONY: test-schema
test-schema: $(VENV)/.dev ## Try every route of the API against its contract, at its edges too: EXAMPLES=50
	@HCTAP_TEST_SCHEMA_EXAMPLES=$(or $(EXAMPLES),50) $(BIN)/python -m pytest -q -s tests/api/test_schema.py

ROUNDS ?= 3
.PHONY: test-api-faults
test-api-faults: $(VENV)/.dev ## Kill PostgreSQL and Redis under the API's load, and write docs/reliability-api.md: ROUNDS=3
	@HCTAP_TEST_FAULTS=$(ROUNDS) $(BIN)/python -m pytest -q -s tests/api/test_faults.py

.PHONY: check
check: lint types imports contracts-fresh ## Lint, types, import contracts, generated files fresh

.PHONY: lint
lint: $(VENV)/.dev ## Ruff, formatting, the lock file against the manifests, hadolint
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check --quiet $(SOURCES) || { echo "run 'make format'"; exit 1; }
	@$$(tools/uv-path) lock --check --quiet
	@$(BIN)/hadolint services/*/Dockerfile

.PHONY: types
types: $(VENV)/.dev ## Strict types of source and tests
	@$(BIN)/mypy
	@$(BIN)/mypy tests

.PHONY: imports
imports: $(VENV)/.dev ## Imports point one way
	@$(BIN)/lint-imports --no-logo

.PHONY: contracts-fresh
contracts-fresh: $(VENV)/.dev ## The generated contracts and samples are what the code says
	@$(BIN)/python -m hctap_core.contracts . --check
	@$(BIN)/python -m hctap_api.openapi contracts/openapi.json --check
	@$(BIN)/python -m hctap_api.breakage contracts/released/openapi.json contracts/openapi.json
	@$(BIN)/python -m hctap_etl.products.athena contracts/athena --check

.PHONY: contracts
contracts: $(VENV)/.dev ## Generate contracts and samples from the code and the marked notes
	@$(BIN)/python -m hctap_core.contracts .
	@$(BIN)/python -m hctap_api.openapi contracts/openapi.json
	@$(BIN)/python -m hctap_etl.products.athena contracts/athena

.PHONY: format
format: $(VENV)/.dev ## Format the source
	@$(BIN)/ruff check --fix --quiet $(SOURCES) || true
	@$(BIN)/ruff format --quiet $(SOURCES)

.PHONY: clean
clean: ## Remove environments and caches; .hctap with the data stays
	@rm -rf $(VENV) .uv .mypy_cache .ruff_cache .import_linter_cache .coverage .coverage.*

##@ Measuring

# PEERS=1 asks the peers too; TEXTS= names another folder with texts, MODEL= a model instead of training one,
# WRONG= a file for what was most often wrong (it quotes the texts).
PEERS ?=
TEXTS ?=
MODEL ?=
WRONG ?=

.PHONY: bench
bench: $(VENV)/.run ## Score and time the engine and its peers into docs/scoreboard.md
	@$(BIN)/python -m benchmarks bench --uv "$$(tools/uv-path)"

.PHONY: scoreboard
scoreboard: $(VENV)/.run ## Score on corpora and labels: DATA=folder [TEXTS=folder] [PEERS=1] [MODEL=folder]
	@test -n "$(DATA)" || { echo "say where the corpora are: make scoreboard DATA=folder"; exit 2; }
	@$(BIN)/python -m benchmarks corpora "$(DATA)" --uv "$$(tools/uv-path)" $(if $(PEERS),--peers all) \
	$(foreach folder,$(TEXTS),--texts "$(folder)") $(if $(MODEL),--model "$(MODEL)") \
	$(if $(WRONG),--wrong "$(WRONG)")

.PHONY: bench-cost
bench-cost: $(VENV)/.run ## Measure import and run over NOTES, and write docs/cost.md
	@$(BIN)/python -m benchmarks cost "$(or $(NOTES),samples/dev/notes.jsonl)"

DURATION ?= 600
BENCH_NOTES ?= 60000
.PHONY: bench-api
bench-api: $(VENV)/.run ## Measure the API over the samples x1,000, and write docs/performance-api.md: DURATION=600
	@$(BIN)/python -m benchmarks.api --duration $(DURATION) --notes $(BENCH_NOTES)

DASHBOARD ?= http://127.0.0.1:8501/app
.PHONY: bench-dashboard
bench-dashboard: $(VENV)/.dev ## Time the first paint of each page, and what it asks: DASHBOARD=address API=address
	@$(BIN)/python -m benchmarks.dashboard $(DASHBOARD) $(if $(API),--api $(API))

.PHONY: bench-compose
bench-compose: $(VENV)/.run ## Build the images and bring them up, and write docs/performance-compose.md
	@$(BIN)/python -m benchmarks.containers

.PHONY: bench-etl
bench-etl: $(VENV)/.run ## Measure 20,000 NOTES from lake to lake and database, into docs/performance-etl.md
	@$(BIN)/python -m benchmarks etl "$(or $(NOTES),samples/dev/notes.jsonl)"

LABELS := benchmarks/labels/annotators

.PHONY: agreement
agreement: $(VENV)/.run ## Say in docs/agreement.md how the annotators of our labels agree
	@$(BIN)/python -m benchmarks agreement $(LABELS)/a.jsonl $(LABELS)/b.jsonl --out docs/agreement.md

include infra/targets.mk

##@ Help

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	/^[a-z0-9-]+:.*##/ {printf "  \033[1m%-16s\033[0m%s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment: what the product needs, and with the tools of development. A stamp holds what was synced last.
$(VENV)/.run: $(MANIFESTS)
	@$$(tools/uv-path) sync --frozen --all-packages --no-default-groups --inexact --quiet
	@touch $@

$(VENV)/.dev: $(MANIFESTS)
	@$$(tools/uv-path) sync --frozen --all-packages --all-extras --quiet
	@touch $(VENV)/.run $@
