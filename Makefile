# `make help` lists what can be made. Everything runs in .venv, which the first target that needs it sets up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup run test check prove fix browser bench chaos screenshots questions course migration translations

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/ready ## make .venv with everything locked in requirements/dev.txt

$(VENV)/ready: requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/served: requirements/base.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

run: $(VENV)/served ## serve the demo at http://127.0.0.1:8000 (PORT=…); needs less than setup
	$(BIN)/python -m courseware demo --instance demo --port $(PORT)

test: setup ## every test, in parallel; what is left out is said in the last lines
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

check: setup ## look, change nothing: style, types, imports, dependencies, course files, proofs, migrations
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry courseware
	$(BIN)/courseware validate
	$(BIN)/courseware scenario prove --seeds 3
	$(BIN)/python -m tests.migrations_match

prove: setup ## every scenario on fifty variants: reference, near-misses, steps left out
	$(BIN)/courseware scenario prove --seeds 50

fix: setup ## rewrite what can be rewritten
	$(BIN)/ruff check --fix .

browser: setup ## the browser journeys alone
	$(BIN)/pytest tests/browser -n 0

bench: setup ## measure against a bare Flask application in the same run (needs wrk and gunicorn), then the sandbox, the book and a quiz by themselves
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.sandbox
	$(BIN)/python -m benchmarks.worker
	$(BIN)/python -m benchmarks.book
	$(BIN)/python -m benchmarks.quiz

chaos: setup ## answers under a bad network, killed servers and browsers, races, wrong clocks, at length: some ten minutes
	$(BIN)/python -m tests.chaos

screenshots: setup ## the pictures of README and docs
	$(BIN)/python -m tests.browser.screenshots

course: setup ## docs/course.md, the plan of the whole course as it stands
	$(BIN)/python -m tests.course_page

questions: setup ## docs/questions.md from the docstrings of the kinds, with a picture of each
	$(BIN)/python -m tests.questions_page
	$(BIN)/python -m tests.browser.question_pictures

migration: setup ## write a migration for changed models: make migration MESSAGE="add …"
	$(BIN)/python -m tests.write_migration "$(MESSAGE)"

translations: setup ## collect the strings of code and templates into the catalogues
	$(BIN)/python -m courseware.translations.collect
