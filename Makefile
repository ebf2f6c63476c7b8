# Two commands on a fresh machine with Python 3.11 or newer and its venv module: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CITY := examples/city-hospitals
AT := --at 2026-03-10T18:00:00+00:00

.PHONY: demo test check docs clean

demo: $(VENV)/.main
	rm -rf demo && mkdir demo
	$(BIN)/routing dry-run $(AT) $(CITY)/radiology.rules $(CITY)/samples/studies $(CITY)/samples/hl7
	$(BIN)/routing receive --store demo/worklist.db --rulebook $(CITY)/radiology.rules $(AT) --format csv \
		$(CITY)/samples/studies $(CITY)/samples/hl7 > demo/received.csv
	$(BIN)/routing list --store demo/worklist.db $(AT) --limit 10
	$(BIN)/routing counts --store demo/worklist.db $(AT)
	$(BIN)/routing status --store demo/worklist.db $(AT) STO26000121
	$(BIN)/routing verify --store demo/worklist.db $(AT)

test: $(VENV)/.dev
	env -u PYTHONPATH $(BIN)/pytest -n 2

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.dev
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.main: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet .
	touch $@

$(VENV)/.dev: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) demo docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis
