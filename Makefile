# Everything a fresh machine needs: python3 (3.11 or 3.12, with venv), make and g++.
#   make demo   set up .venv and run the main job      make test   set up .venv and run the tests
#   make docs   set up .venv and write docs/_build/index.html

VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --quiet --disable-pip-version-check
STAMP   := $(VENV)/.installed
DOCS    := $(VENV)/.installed-docs
export PYTHON
PROJECT ?= fpga_projects/jet_tagger
SOURCES := codesign tests scripts benchmarks docs

.PHONY: demo test slow docs lint format install bench clean
.DELETE_ON_ERROR:

demo: $(STAMP)
	$(BIN)/codesign synthesize $(PROJECT)

test: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

# Format and mistakes (pyproject.toml), imports that point up, and calls that bandit finds unsafe; an exception is excused in its
# line, with the reason.
lint: $(STAMP)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive codesign scripts benchmarks

format: $(STAMP)
	$(BIN)/ruff check --select I --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

slow: $(STAMP)
	$(BIN)/python -m pytest -m slow

# Warnings are errors; nothing is fetched but the packages.
docs: $(DOCS)
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs docs/_build

bench: $(STAMP)
	$(BIN)/python benchmarks/emulate_speed.py
	$(BIN)/python benchmarks/sweep_speed.py

install: $(STAMP)

$(STAMP): setup.cfg requirements.txt Makefile scripts/find_python.sh
	@command -v g++ >/dev/null || { echo "make: g++ not found; install it (Debian/Ubuntu: apt install g++)" >&2; exit 1; }
	$$(sh scripts/find_python.sh) -m venv --clear $(VENV)
	$(PIP) install --require-hashes --requirement requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DOCS): $(STAMP) docs/requirements.txt
	$(PIP) install --require-hashes --no-deps --requirement docs/requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) docs/_build docs/generated fpga_projects/*/build
