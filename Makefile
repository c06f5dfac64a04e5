# Needs Python 3.11 or newer and a network; nothing else. uv is used when it is there.
#   make run PORT=9000 · make test ARGS="-k resume" · make PYTHON=python3.12 check

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help environment run test chaos check generate bench clean web-check web-test build-web

help:  ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

environment:
	@sh scripts/environment.sh "$(PYTHON)"

run: environment  ## Run everything on this machine: NATS, the bridge, a demo plant
	@exec $(BIN)/jetbridge dev $(if $(PORT),--port $(PORT)) $(ARGS)

test: environment  ## Run the tests (ARGS are pytest's)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 $(ARGS)
	@$(if $(ARGS),,sh scripts/web.sh test)

chaos: environment  ## Break everything, for CHAOS_SECONDS with each of CHAOS_NODES ("1 3"), by CHAOS_SEED
	@CHAOS_FULL=1 $(BIN)/python -m pytest -q tests/chaos $(ARGS)
	@$(BIN)/python -m tests.chaos

check: environment  ## Lint, format, types, import direction, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/python -m pytest -q tests/test_import_direction.py
	$(BIN)/python scripts/generated.py check
	@sh scripts/web.sh check

web-check:  ## Check web/ alone: lint, types, the package, its size
	@sh scripts/web.sh check

web-test: environment  ## Test web/ alone
	@sh scripts/web.sh test

build-web:  ## Build the npm package of the client
	@sh scripts/web.sh build

generate: environment  ## Write the generated files anew
	$(BIN)/python scripts/generated.py write

bench: environment  ## Measure (figures depend on the machine)
	$(BIN)/python -m benchmarks $(ARGS)

clean:  ## Remove the environment, caches and the demo's data
	rm -rf .venv .jetbridge .pytest_cache .ruff_cache .hypothesis build dist
	rm -rf web/node_modules web/client/dist web/client/src/generated
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
