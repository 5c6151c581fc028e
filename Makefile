# policy-ir. `make demo` shows what it does; `make test` runs everything CI runs. Both set up .venv first, from the
# locks in requirements/, and do nothing twice: each stamp in .venv is newer than the lock it was made from.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LITELLM := .venv-litellm
WORKERS ?= 2
SECONDS_EACH = $(or $(SECONDS),60)
PRICES ?= $(lastword $(sort $(wildcard ../shared/data/litellm-model-prices-*.json)))

# The core, from terms to decision: every branch of it is covered by the tests.
CORE := terms signature values syntax diagnostics cbor canonical equations normal_form vocabulary field_values column candidate snapshot \
        facts chat admission floor semantics failover decision evidence explanation evaluator flow
CORE_FILES := $(foreach name,$(CORE),policy_ir/$(name).py policy_ir/$(name)/**)
space := $(subst ,, )
comma := ,
CORE_INCLUDE := $(subst $(space),$(comma),$(strip $(CORE_FILES)))

# The second implementation, and a client that tests call the router with. Where Node is missing their tests are left
# out, but not where REQUIRE_PROGRAMS is set.
JS := conformance/implementations/javascript
NODE := node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null
CLIENTS := tests/router/javascript
NO_NODE = echo "JavaScript is left out: it needs Node 20 or later" >&2; test -z "$$REQUIRE_PROGRAMS"

# --- what people type -----------------------------------------------------------------------------------------

.PHONY: help
help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(VENV)/.run ## environment, installation, and six policies decided over a real catalogue
	@$(BIN)/policy-ir demo

.PHONY: test
test: lint types docs javascript unit coverage conformance ## environment, and everything CI runs

.PHONY: lint
lint: $(VENV)/.dev ## ruff: rules and format
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet

.PHONY: types
types: $(VENV)/.dev ## mypy --strict
	$(BIN)/mypy --no-error-summary

.PHONY: unit
unit: $(VENV)/.dev clients ## the tests, with branch coverage
	@mkdir -p build
	set -o pipefail; $(BIN)/pytest -n $(WORKERS) --dist worksteal --cov --cov-report= --durations=10 2>&1 | tee build/pytest.log

.PHONY: coverage
coverage: ## fails unless every branch of the core was taken by the last `make unit`
	@$(BIN)/coverage report --include='$(CORE_INCLUDE)' --skip-covered --show-missing --fail-under=100

.PHONY: javascript
javascript: ## the tests of the JavaScript implementation; without Node 20 they are left out
	@if $(NODE); then $(MAKE) --no-print-directory $(JS)/node_modules/.installed && cd $(JS) && npm test --silent; \
	 else $(NO_NODE); fi

.PHONY: clients
clients: # OpenAI's client for Node, which tests call the router with
	@if $(NODE); then $(MAKE) --no-print-directory $(CLIENTS)/node_modules/.installed; else $(NO_NODE); fi

.PHONY: conformance
conformance: $(VENV)/.run ## every vector, against the machine, the evaluator and the JavaScript implementation
	@set -- --subject python='$(BIN)/policy-ir conformance serve' \
	        --subject evaluator='$(BIN)/policy-ir conformance serve --evaluator'; \
	 if $(NODE); then $(MAKE) --no-print-directory $(JS)/node_modules/.installed; \
	   set -- "$$@" --subject javascript='node $(JS)/bin/subject.js'; \
	 else $(NO_NODE); fi; \
	 $(BIN)/policy-ir conformance run "$$@"

.PHONY: docs
docs: $(VENV)/.dev ## the site, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

.PHONY: docs-serve
docs-serve: $(VENV)/.dev ## the site on this machine, rebuilt on each change
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

.PHONY: fmt
fmt: $(VENV)/.dev ## format the code
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet

.PHONY: fuzz
fuzz: $(VENV)/.fuzz ## fuzz each target for SECONDS=60 (Linux)
	$(BIN)/python fuzz/run.py --seconds $(SECONDS_EACH)

.PHONY: mutation
mutation: $(VENV)/.mutation ## which small changes of the core the vectors and the tests notice; goes on where it stopped
	PYTHONPATH=tools $(BIN)/python -m mutation --workers $(WORKERS)

.PHONY: differential
differential: $(VENV)/.dev $(JS)/node_modules/.installed ## COUNT=100000 random questions for both implementations; FEATURE=flows for those about flows
	$(BIN)/policy-ir conformance fuzz --count $(or $(COUNT),100000) --seed $(or $(SEED),1) \
	  $(if $(FEATURE),--feature $(FEATURE)) -- node $(JS)/bin/subject.js

.PHONY: evaluator-differential
evaluator-differential: $(VENV)/.dev ## COUNT=1000000 random cases through the evaluator and the machine
	PYTHONPATH=tools $(BIN)/python -m evaluator_differential --count $(or $(COUNT),1000000) --seed $(or $(SEED),1) \
	  --workers $(WORKERS) $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: evaluator-soak
evaluator-soak: $(VENV)/.run ## COUNT=1000000 policies through one evaluator, whose memory must stay flat
	$(BIN)/python tools/evaluator_soak.py --count $(or $(COUNT),1000000) --seed $(or $(SEED),1)

.PHONY: bench
bench: $(VENV)/.bench ## the evaluator against what one writes by hand; ROUNDS=40 ONLY=decide,costs,load,memory,imports QUICK=1
	PYTHONPATH=tools $(BIN)/python -m bench $(if $(PRICES),--prices $(PRICES)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  $(if $(ONLY),--only $(ONLY)) $(if $(SIZES),--sizes $(SIZES)) $(if $(TASKS),--tasks $(TASKS)) \
	  $(if $(DAYS),--days $(DAYS)) $(if $(QUICK),--quick) $(if $(CHECK),--check)

.PHONY: bench-router
bench-router: $(VENV)/.dev $(LITELLM)/.installed ## what the router adds to a call: beside a bare pass-through and LiteLLM's proxy
	PYTHONPATH=tools $(BIN)/python -m router_bench $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  $(if $(STACKS),--stacks $(STACKS)) $(if $(CHECK),--check)

.PHONY: router-soak
router-soak: $(VENV)/.dev ## ten minutes of full load: flat memory, no trace lost or doubled; KILL=1 kills the router in the middle
	PYTHONPATH=tools $(BIN)/python tools/router_soak.py --seconds $(or $(SECONDS),600) $(if $(KILL),--kill)

.PHONY: bench-startup
bench-startup: $(VENV)/.run ## how long `policy-ir hash` takes to start
	$(BIN)/python tools/bench_startup.py

.PHONY: bench-flows
bench-flows: $(VENV)/.run ## what a flow costs beside its policies, and from wire bytes to fingerprint
	$(BIN)/python tools/bench_flows.py $(ROUNDS)

.PHONY: dist
dist: $(VENV)/.dev ## the wheel and the source distribution, into dist/
	$(BIN)/hatchling build

.PHONY: lock
lock: $(VENV)/.lock ## resolve pyproject.toml again, into requirements/
	$(LOCK) pyproject.toml --output-file requirements/run.lock
	$(LOCK) pyproject.toml --extra router --extra postgres --extra otel --constraints requirements/run.lock \
	  --output-file requirements/router.lock
	$(LOCK) --group build --constraints requirements/run.lock --output-file requirements/build.lock
	$(LOCK) pyproject.toml --group dev --constraints requirements/router.lock --constraints requirements/build.lock \
	  --output-file requirements/dev.lock
	$(LOCK) --group litellm --output-file requirements/litellm.lock
	$(LOCK) --group bench --constraints requirements/run.lock --output-file requirements/bench.lock
	$(LOCK) --group fuzz --constraints requirements/dev.lock --output-file requirements/fuzz.lock
	$(LOCK) --group mutation --constraints requirements/dev.lock --output-file requirements/mutation.lock

.PHONY: clean
clean: ## remove what was made, but not .venv
	rm -rf build dist site .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# --- the environment ------------------------------------------------------------------------------------------

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
        --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'policy-ir needs Python 3.11 or later; name one: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements/router.lock requirements/build.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements/router.lock -r requirements/build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

$(JS)/node_modules/.installed $(CLIENTS)/node_modules/.installed: %/node_modules/.installed: %/package.json %/package-lock.json
	cd $* && npm ci --silent --no-audit --no-fund
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements/fuzz.lock
	$(PIP) install --require-hashes -r requirements/fuzz.lock
	@touch $@

$(VENV)/.bench: $(VENV)/.run requirements/bench.lock
	$(PIP) install --require-hashes -r requirements/bench.lock
	@touch $@

$(VENV)/.mutation: $(VENV)/.dev requirements/mutation.lock
	$(PIP) install --require-hashes -r requirements/mutation.lock
	@touch $@

$(LITELLM)/.installed: requirements/litellm.lock
	$(PYTHON) -m venv $(LITELLM)
	$(LITELLM)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/litellm.lock
	@touch $@

$(VENV)/.lock: $(VENV)/.dev
	$(PIP) install uv
	@touch $@
