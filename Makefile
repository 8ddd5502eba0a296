# Each target does what it needs before itself; a fresh machine needs no other command.
PYTHON ?= python3
BIN := .venv/bin
# How many tests run beside each other; each worker needs up to two gigabytes.
WORKERS ?= 2
# Where texts of the screens stand.
TRANSLATED := web services/outfits models/taxonomy.py

.PHONY: install demo test test-all check unit lint docs translations clean

install: .venv/installed

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[train,test,lint,docs]"
	touch $@

demo: install
	$(BIN)/fittingroom demo

test: install
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal -m "not slow"

# The slow tests too: before a release, and after changes of training, evaluation or the demo's clip.
test-all: install
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

# What to run after every change: style, types, and the tests without browser, server, process and
# training.
check: install
	$(MAKE) --no-print-directory --jobs 2 --output-sync lint unit

unit: install
	$(BIN)/python -m pytest --quiet --numprocesses $(WORKERS) --dist worksteal \
		-p no:schemathesis -m "not browser and not integration and not slow" \
		--ignore tests/docs --ignore tests/web --ignore tests/models/training \
		--ignore tests/services/evaluation

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The documentation site, in build/site; a broken link fails.
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Brings the catalogues up to date with the texts in the code; then translate what is new.
translations: install
	$(BIN)/pybabel -q extract -F common/translations/babel.cfg -k N_ -k t -k phrase -k Category:1 --no-location \
		--project fittingroom -o common/translations/messages.pot $(TRANSLATED)
	$(BIN)/pybabel -q update -i common/translations/messages.pot -d common/translations --no-fuzzy-matching --no-wrap
	$(BIN)/pybabel -q compile -d common/translations

clean:
	rm -rf .venv demo-site runs build *.egg-info
