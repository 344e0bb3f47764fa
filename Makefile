# Every target makes what it needs first, when it is missing or out of date: .venv with what running needs for `demo`,
# with the developers' tools added for the others.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUNS   := $(VENV)/.runs
STAMP  := $(VENV)/.ready
PIP    := -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-deploy try-python test-wheel test-kafka test-chaos test-compose check reference docs format stack bench bench-duplicates \
        bench-entities bench-quotes bench-hostile bench-store bench-hop bench-worker bench-workers bench-startup \
        bench-peers bench-scale release lock clean

help:  ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# $(call install,python,lock): the locked packages, which are all there are, and the checkout itself; a line a step.
define install
	@echo "installing the $$(grep -c '==' $(2)) packages of $(2); the first time they are fetched, which takes minutes"
	@$(1) $(PIP) --no-deps --require-hashes -r $(2)
	@$(1) $(PIP) --no-deps --no-build-isolation -e .
	@echo "$(dir $(@D))$(notdir $(@D)) is ready: $$(du -sh $(@D) | cut -f 1)"
	@touch $@
endef

$(RUNS): requirements/demo.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "error: $$($(PYTHON) --version) won't do: Python 3.11, 3.12 or 3.13 is needed (make PYTHON=/path/to/python3.11 ...)" >&2; exit 2; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	$(call install,$(BIN)/python,requirements/demo.txt)

$(STAMP): $(RUNS) requirements/dev.txt
	$(call install,$(BIN)/python,requirements/dev.txt)

setup: $(STAMP)  ## make .venv from the locked requirements, the developers' tools included

demo: $(RUNS)  ## run the whole pipeline on seeds/ with an embedded broker
	@$(BIN)/pipeline demo

PYTEST_BESIDE := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test: $(STAMP)  ## unit and integration tests (embedded broker, SQLite, PostgreSQL) but the long ones
	$(PYTEST_BESIDE) -m "not long"

test-deploy: $(STAMP)  ## alerts, dashboard, manifests (Prometheus where it is installed)
	$(BIN)/python -m pytest tests/deploy

# Another Python in an environment of its own: make try-python PYTHON=/path/to/python3.13
try-python:  ## unit tests and a demo on another Python, as what is claimed has to be tried
	$(MAKE) VENV=.venv-$(notdir $(PYTHON)) setup
	.venv-$(notdir $(PYTHON))/bin/python -m pytest tests/unit tests/contracts
	.venv-$(notdir $(PYTHON))/bin/pipeline demo

test-wheel: $(STAMP)  ## the built wheel in an environment of its own (fetches what running needs)
	$(BIN)/python -m pytest tests/contracts -m wheel

test-kafka: $(STAMP)  ## the integration tests, the long ones too, on a real Apache Kafka (needs Java and Maven)
	$(PYTEST_BESIDE) tests/integration --broker=kafka

test-chaos: $(STAMP)  ## fault injection on Apache Kafka and PostgreSQL (CHAOS="--chaos-seed=7 --chaos-rounds=20")
	$(BIN)/python -m pytest tests/chaos $(CHAOS)

test-compose: $(STAMP)  ## the docker-compose stack, for real (needs a Docker engine)
	$(BIN)/python -m pytest tests/deploy -m compose

check: $(STAMP)  ## lint, format, types, who imports whom, the site
	$(BIN)/ruff check --output-format concise .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m mkdocs build --strict --quiet

reference: $(STAMP)  ## write the pages of commands and settings anew, from the code
	$(BIN)/python docs/reference.py

docs: $(STAMP)  ## build the documents as a site, into var/site
	$(BIN)/python -m mkdocs build --strict --quiet

format: $(STAMP)  ## format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

BENCH := .venv-bench
$(BENCH)/.ready: requirements/bench.txt pyproject.toml
	@echo "making $(BENCH) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(BENCH)
	$(call install,$(BENCH)/bin/python,requirements/bench.txt)

bench: bench-duplicates bench-entities bench-quotes bench-store bench-hop  ## the tables of docs/benchmarks.md

bench-duplicates: $(BENCH)/.ready  ## duplicates beside datasketch and rensa
	$(BENCH)/bin/python benchmarks/duplicates.py

bench-entities: $(STAMP)  ## entities beside the library's own pipe
	$(BIN)/python benchmarks/entities.py

bench-quotes: $(STAMP)  ## quotes: articles a second, and growth with length
	$(BIN)/python benchmarks/quotes.py

bench-hostile: $(STAMP)  ## what an article may cost that is made to cost much, by kind and length
	$(BIN)/python benchmarks/hostile.py

bench-store: $(STAMP)  ## articles a second into SQLite and PostgreSQL
	$(BIN)/python benchmarks/store.py --postgresql

bench-hop: $(STAMP)  ## messages a second through one hop
	$(BIN)/python benchmarks/hop.py

bench-workers: $(STAMP)  ## what it costs that workers share: 1, 2 and 4 of them, recognition simulated by waiting
	$(BIN)/python -m benchmarks.workers

bench-startup: $(STAMP)  ## where the time of a start goes (BEFORE=CHECKOUT: beside another version)
	$(BIN)/python benchmarks/startup.py $(if $(BEFORE),--before $(BEFORE))

bench-peers: $(BENCH)/.ready  ## the pipeline beside its peers on Apache Kafka and PostgreSQL (TEXTS=folder; WRITE=1: into the docs)
	$(BENCH)/bin/python -m benchmarks.peers $(TEXTS) $(if $(WRITE),--record --write docs/benchmarks.md)

bench-scale: $(STAMP)  ## duplicates, store and searches at 10,000 to 100,000 articles
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/scale.py --postgresql

bench-worker: $(STAMP)  ## the whole worker beside the library: make bench-worker TEXTS=folder
	$(BIN)/python benchmarks/worker.py $(TEXTS)

stack:  ## make the secrets of the docker-compose stack, once; then: docker compose up
	deploy/secrets.sh

release:  ## wheel, image (if Docker answers), bills of materials, checksums (RELEASE_KEY=file: signed), into var/release
	PYTHON=$(PYTHON) deploy/release.sh

lock: $(STAMP)  ## resolve the requirements anew (needs uv in the environment)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --all-extras pyproject.toml --group dev -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra postgresql --extra opensearch --extra formats --extra feeds --extra web -c requirements/dev.txt pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra embedded --extra formats --extra feeds --extra web -c requirements/dev.txt pyproject.toml --group build -o requirements/demo.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra postgresql -c requirements/dev.txt pyproject.toml --group bench -o requirements/bench.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  -c requirements/dev.txt --group release -o requirements/release.txt
	printf 'hatchling\ngeonamescache\n' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header -c requirements/dev.txt - -o deploy/build-requirements.txt

clean:  ## remove .venv and what tests and demos left
	rm -rf $(VENV) $(BENCH) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
