# Every command of the README is a target here. Needs: Python 3.11 or newer with its venv module, make, git.
PYTHON ?= python3
MEMBERS := contracts libs/law libs/chassis services/allocation services/applications services/notifications infra/stack
BIN := .venv/bin
UV := .tools/bin/uv
# Two processes share the tests, each with servers of its own; external servers are one and the same for all.
SIDE_BY_SIDE := $(if $(filter external,$(KFI_SERVERS)),,-n 2 --dist loadgroup)
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# Programs are started hundreds of times; where the caller wants no bytecode in the tree it goes beside the packages.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test test-fast test-resilience bench lint format generate lock clean
help: ## show the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## only prepare the Python environment

demo: .venv/ready ## play the whole path on real servers and stay up until Ctrl-C (ONCE=1: check the outcome and end)
	@$(BIN)/kfi-stack demo $(if $(ONCE),--once)

test: .venv/ready lint ## everything: lint, then all tests
	@$(BIN)/pytest -q $(SIDE_BY_SIDE) $(ARGS)

test-fast: .venv/ready ## the tests that need no server
	@$(BIN)/pytest -q -n 2 --dist loadgroup -m "not servers and not stack" $(ARGS)

test-resilience: .venv/ready ## killed, flooded, fuzzed, soaked in the nightly size (an hour and a half, wants a quiet machine)
	@KFI_SIZE=nightly $(BIN)/pytest -q services/allocation tests/resilience $(ARGS)

bench: .venv/ready ## speed and memory beside their peers, as ratios (forty minutes, wants a quiet machine)
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-bench.lock
	@$(BIN)/python -m benchmarks.delivery
	@$(BIN)/python -m benchmarks.letters
	@$(BIN)/python -m benchmarks.cases --rates 10 20 50 --find
	@$(BIN)/python -m benchmarks.capacity
	@$(BIN)/python -m benchmarks.worklist
	@$(BIN)/python -m benchmarks.export
	@$(BIN)/python -m benchmarks.allocation
	@$(BIN)/python -m benchmarks.allocation_year

lint: .venv/ready ## ruff, mypy strict, import rules, dependencies, committed documents
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy $(addsuffix /src,$(MEMBERS)) benchmarks
	@$(BIN)/lint-imports --no-cache
	@set -e; for member in $(MEMBERS); do (cd $$member && $(CURDIR)/$(BIN)/deptry src); done
	@$(BIN)/python -m kfi_contracts.schemas --check
	@$(BIN)/python -m kfi_contracts.asyncapi --check
	@$(BIN)/kfi-allocation openapi --check
	@$(BIN)/kfi-applications openapi --check
	@$(BIN)/kfi-notifications openapi --check
	@$(BIN)/python -m tests.rights.table --check

generate: .venv/ready ## write the committed documents anew: schemas, AsyncAPI, OpenAPI, diagram of the states
	@$(BIN)/python -m kfi_contracts.schemas
	@$(BIN)/python -m kfi_contracts.asyncapi
	@$(BIN)/kfi-allocation openapi
	@$(BIN)/kfi-applications openapi
	@$(BIN)/kfi-notifications openapi
	@$(BIN)/python -m kfi_applications.domain.diagram
	@$(BIN)/python -m tests.rights.table

format: .venv/ready ## format the code
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix .

lock: $(UV) ## choose the versions anew (requirements*.lock)
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  $(foreach name,contracts law chassis allocation applications notifications stack,--no-emit-package kfi-$(name)) \
	  --group pyproject.toml:dev -o requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  -c requirements.lock --group pyproject.toml:bench -o requirements-bench.lock

clean: ## remove the environment and what the demo left
	@rm -rf .venv .tools .demo

.tools/bin/uv: requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "The platform needs Python 3.11 or newer; say which one with: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Preparing uv (once) ..."
	@$(PYTHON) -m venv .tools && .tools/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

.venv/ready: $(UV) requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@echo "Preparing the Python environment from requirements.lock (once) ..."
	@$(UV) venv -q --allow-existing --python $(PYTHON) .venv
	@$(UV) pip sync -q --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ./,$(MEMBERS))
	@touch $@
