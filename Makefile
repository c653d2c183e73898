# From a bare machine with python3 (3.11 or newer, with venv) and make to a running line. The locks pin every package
# by hash; the stamps make a second call instant.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.PHONY: run test check coverage bench soak reliability lock

run: $(RUNTIME)
	@exec $(BIN)/python -m helpline run

test: $(DEV)
	$(BIN)/python -m pytest -m "not soak" $(PYTEST_ARGS)

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not soak" --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

# The flow and paging engines: every branch has a test. Any that has none is printed, and is a failure.
coverage: $(DEV)
	$(BIN)/python -m pytest -q -m "not soak and not exhaustive" tests/flows tests/config --cov=flows --cov-branch \
		--cov-report=term-missing:skip-covered --cov-fail-under=100 $(PYTEST_ARGS)

bench: $(DEV)
	$(BIN)/python -m bench

# Tries every fault at its place and writes the table of docs/reliability.md from what came of it.
reliability: $(DEV)
	$(BIN)/python -m tests.paging.report

# Writes what the half hour of mixed callers weighed into docs/performance.md.
soak: $(DEV)
	SOAK_FIGURES=bench/soak.json $(BIN)/python -m pytest -m soak $(PYTEST_ARGS)
	$(BIN)/python -m bench.page

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv, a Python package resolver: install it first"; exit 1; }
	uv pip compile --no-strip-extras pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	uv pip compile --no-strip-extras pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -c requirements.lock -o requirements-dev.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: set PYTHON, as in make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Everything for running is in the development lock too, so whoever has that needs no second install.
$(RUNTIME): requirements.lock | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@ $(RUNTIME)
