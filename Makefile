# Loanboard's commands. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
MEMBERS ?= 1000000
export PYTHONDONTWRITEBYTECODE = 1

.PHONY: help run test lint format bench shots docs messages requirements clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# What the app runs on; python3.11 where it has that name, else python3.
$(VENV)/app.stamp: requirements.txt
	@test -x $(BIN)/python || $$(command -v $(PYTHON) || command -v python3) -m venv $(VENV)
	@echo "Installing the requirements ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/tests.stamp: $(VENV)/app.stamp tests/requirements.txt
	@echo "Installing what tests and lint need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

run: $(VENV)/app.stamp ## set up everything and serve the book on http://127.0.0.1:8501 (PORT=... for another)
	@$(BIN)/python manage.py serve --port $(PORT)

test: $(VENV)/tests.stamp ## set up everything and run all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/tests.stamp ## ruff, mypy strict and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/tests.stamp ## put the code into ruff's form
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

bench: $(VENV)/tests.stamp ## a refresh, and statements beside DuckDB, pandas, PostgreSQL (BENCH="--loans 10000000" MEMBERS="1000000 10000000" for more)
	@$(BIN)/python -m tests.bench $(BENCH)
	@for part in funnel movement worth growth forest acquisition rewards collections compliance monitoring; do \
	    for members in $(MEMBERS); do $(BIN)/python -m tests.bench.$$part --members $$members || exit 1; done; done
	@$(BIN)/python -m tests.bench.review
	@$(BIN)/python -m tests.bench.load

shots: $(VENV)/tests.stamp ## screenshots of every page in both themes and languages, into shots/
	@$(BIN)/python -m tests.shots

docs: $(VENV)/app.stamp ## write METRICS.md from the metric registry
	@$(BIN)/python manage.py metrics > METRICS.md

messages: $(VENV)/app.stamp ## bring new texts into the Chinese catalogue, for translation
	@$(BIN)/pybabel -q extract -F babel.cfg -k N_ --no-location --omit-header --sort-output -o $(VENV)/loanboard.pot .
	@$(BIN)/pybabel -q update -D loanboard -d components/locale -l zh_CN --no-fuzzy-matching --ignore-obsolete \
		--omit-header --width=120 -i $(VENV)/loanboard.pot

requirements: $(VENV)/tests.stamp ## compile the requirements with hashes
	@for folder in . tests; do cd $(CURDIR)/$$folder && $(CURDIR)/$(BIN)/uv pip compile --quiet --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make requirements" -o requirements.txt requirements.in; done

clean: ## remove the environment and the local books, snapshots and state
	@rm -rf $(VENV) .data shots
