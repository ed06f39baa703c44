# make run    set up what is needed and start the daemon
# make test   set up what is needed, check the style and the types, run the tests
# make soak   the same daemon for hours, with everything at once and a fault a minute
# make demo   drive a daemon through everything and keep the sounds it makes

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
DEMO_OUTPUT ?= demo-output
MINUTES ?= 60

.PHONY: run test soak demo lint types starter reference clean

run: .venv/installed
	@$(BIN)/sdaudio serve $(ARGS)

demo: .venv/installed
	@$(BIN)/sdaudio demo --output $(DEMO_OUTPUT)

test: lint types
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --format=total | sed 's/^/lines and branches covered, %: /'

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

types: .venv/installed-dev
	$(BIN)/mypy

# Everything at once with a fault a minute, for hours: make soak MINUTES=240
soak: .venv/installed-dev
	SDAUDIO_SOAK_MINUTES=$(MINUTES) $(BIN)/python -m pytest -s tests/faults/test_soak.py

# The model that comes with sdaudio, trained again from the sounds it synthesises itself.
starter: .venv/installed
	$(BIN)/python -m sdaudio.starter

# The reference pages and the configuration with all defaults, rendered from the program itself.
reference: .venv/installed
	$(BIN)/sdaudio reference osc > docs/osc.md
	$(BIN)/sdaudio reference cli > docs/cli.md
	$(BIN)/sdaudio reference config > docs/config.md
	$(BIN)/sdaudio config defaults > config/default.yaml

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "sdaudio needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12"; exit 1; }
	@echo "Making the environment in .venv"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/python pyproject.toml constraints.txt
	@echo "Installing sdaudio and what it needs; the first time takes a minute or two"
	@$(INSTALL) -e .
	@touch $@

.venv/installed-dev: .venv/installed pyproject.toml constraints.txt
	@echo "Installing what the tests need"
	@$(INSTALL) -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv build dist demo-output *.egg-info .coverage*
