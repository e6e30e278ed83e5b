# Two commands do everything on a bare machine with Python 3.11 or later:
#   make run     the dashboard on http://127.0.0.1:8501   (PORT=8600 make run: another port)
#                builds the embedded demo first if the store is empty   (DEMO=no make run: does not)
#   make test    style, types, the whole test suite, and a minute of fuzzing
#   make docs    the documents and the docstrings as HTML that works offline, in build/docs

PYTHON ?= python3
PORT ?= 8501
DEMO ?= yes
BIN := .venv/bin

.PHONY: run test style unit fuzz docs clean

# Ctrl-C ends the demo with status 130, and all of it; where a system of it fails, there is still a
# dashboard to look at
run: .venv/installed
ifneq ($(DEMO),no)
	@$(BIN)/python -m training demo --if-empty || [ $$? -ne 130 ]
endif
	$(BIN)/streamlit run Home.py --server.port $(PORT)

test: style unit fuzz

style: .venv/installed-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: .venv/installed-tests
	$(BIN)/python -m pytest -q

fuzz: .venv/installed-tests
	$(BIN)/python -m tests.fuzz --seconds 60

docs: .venv/installed-tests
	$(BIN)/python -m tests.documents.render build/docs

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Overlook needs Python 3.11 or later; set PYTHON=/path/to/it")'
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/installed-tests: tests/requirements.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

clean:
	rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache
