# Needs Python 3.11 or newer and a network; nothing else. uv is used when it is there.
#   make run PORT=9000 · make test ARGS="-k resume" · make PYTHON=python3.12 check

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help environment run test check generate bench clean

help:  ## Show what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

environment:
	@sh scripts/environment.sh "$(PYTHON)"

run: environment  ## Run everything on this machine: NATS, the bridge, a demo plant
	@exec $(BIN)/jetbridge dev $(if $(PORT),--port $(PORT)) $(ARGS)

test: environment  ## Run the tests (ARGS are pytest's)
	@$(BIN)/python -m pytest $(ARGS)

check: environment  ## Lint, format, types, import direction, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/python -m pytest -q tests/test_import_direction.py
	$(BIN)/python scripts/generated.py check

generate: environment  ## Write the generated files anew
	$(BIN)/python scripts/generated.py write

bench: environment  ## Measure (figures depend on the machine)
	$(BIN)/python -m benchmarks $(ARGS)

clean:  ## Remove the environment, caches and the demo's data
	rm -rf .venv .jetbridge .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
