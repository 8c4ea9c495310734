# Everything a contributor runs. Only Python 3.11 or newer, git and make need to be there; .venv is made on first use.
#
#   make demo        compile, train, gate, serve and monitor 281,373 real flights
#   make test        the tests; those that need an engine or a peer are skipped where it is missing
#   make help        all targets

PY := .venv/bin/python
TESTS ?= tests
# Engines and peers have their own targets; a test is quick when it needs neither.
QUICK := not engine and not peer and not slow

.PHONY: help
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 16

.PHONY: demo
demo: demo-venv  ## compile, train, gate, serve and monitor real flights, in build/demo
	@$(PY) examples/demo.py build/demo

.PHONY: demo-venv
demo-venv:
	@.ci/venv local

.PHONY: venv
venv:  ## make .venv with everything that development needs
	@.ci/venv local dev docs

.PHONY: test
test: venv  ## the quick tests
	$(PY) -m pytest -n 2 -m "$(QUICK)" $(TESTS)

.PHONY: test-engines
test-engines: venv  ## the tests that need Docker, act or a server
	$(PY) -m pytest -m "engine and not slow" $(TESTS)

.PHONY: test-peers
test-peers: venv  ## the tests beside Great Expectations, Feast and DVC, each in an environment of its own
	$(PY) -m pytest -m "peer and not slow" $(TESTS)

.PHONY: test-slow
test-slow: venv  ## the examples and other long stories
	$(PY) -m pytest -n 2 -m "slow and not engine and not peer and not exhaustive" $(TESTS)

.PHONY: test-exhaustive
test-exhaustive: venv  ## every case of what the others take a sample of: faults, kills, links, all flights, hostile rows
	$(PY) -m pytest -n 2 -m exhaustive $(TESTS)

.PHONY: test-all
test-all: venv  ## every test
	$(PY) -m pytest -n 2 $(TESTS)

.PHONY: lint
lint: venv  ## ruff: rules and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

.PHONY: types
types: venv  ## mypy --strict on the compiler, the runtime and the tests
	$(PY) -m mypy compiler benchmarks
	$(PY) -m mypy --explicit-package-bases tests
	cd templates/python && ../../$(PY) -m mypy --config-file ../../pyproject.toml mlops
	$(PY) -m mypy docs/pictures/make.py
	cd examples && ../$(PY) -m mypy --config-file ../pyproject.toml demo.py flight-delays/data.py

.PHONY: layers
layers: venv  ## each part imports only what stands below it
	.venv/bin/lint-imports

.PHONY: docs
docs: venv  ## write the generated pages again
	$(PY) -m mlopsc.cli.docs --write

.PHONY: picture
picture: venv  ## take docs/graph.png and docs/profile.png again, with Chromium
	MLOPSC_UPDATE_GOLDEN=1 $(PY) -m pytest -q -m engine tests/engines/test_graph_page.py tests/engines/test_profile_page.py -k picture

.PHONY: site
site: venv  ## build the documentation site into build/site
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build

.PHONY: parity
parity: venv  ## features in batch and online: all expressions on 100,000 rows, with figures
	$(PY) -m pytest -q -s tests/properties/test_parity.py

.PHONY: bench-compile
bench-compile: venv  ## checking, compiling and running, beside dbt, kfp and dvc; BENCH="--only NAME" for a part
	$(PY) -m benchmarks.compile $(BENCH)

.PHONY: bench-features
bench-features: venv  ## windows beside SQL by hand and Feast, and the features of one request
	$(PY) -m benchmarks.features $(BENCH)

.PHONY: bench-quality
bench-quality: venv  ## validating all flights, beside Great Expectations
	$(PY) -m benchmarks.quality $(BENCH)

.PHONY: pictures
pictures: venv  ## draw the terminal of docs/diagnostics.svg again
	$(PY) docs/pictures/make.py

CASES ?= 100000
.PHONY: fuzz
fuzz: venv  ## CASES=100000 specs, from bytes to valid ones; goes on where it stopped (build/fuzz)
	cd tests/properties && ../../$(PY) -m fuzzing.campaign --cases $(CASES)

.PHONY: fuzz-injection
fuzz-injection: venv  ## every hostile text at every place of the language; goes on where it stopped (build/injection)
	cd tests/properties && ../../$(PY) -m fuzzing.everywhere

SECONDS ?= 600
.PHONY: fuzz-loader
fuzz-loader:  ## the loader under atheris for SECONDS=600, in an environment of its own
	tests/fuzz/run-loader $(SECONDS)

.PHONY: clean
clean:  ## remove what was made here, .venv included
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache
