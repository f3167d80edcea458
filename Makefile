# Everything runs in an environment of its own, made from PyPI on first use; after that, offline.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STUDY ?= clonazepam-us
OUT ?= build/$(STUDY)

.PHONY: help report bench test lint types layers format docs hashes constraints lab clean

help:  ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(READY): pyproject.toml constraints.txt
	@echo "Making the environment in $(VENV) (once; about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt --group dev -e .
	@touch $@

report: $(READY)  ## Write build/clonazepam-us/report.html and report.pdf (STUDY=… for another study)
	@$(BIN)/costmodel report $(STUDY) --out $(OUT)

test: $(READY)  ## Run all tests
	@$(BIN)/python -m pytest -n auto --dist loadgroup

bench: $(READY)  ## Check the numbers of the benchmarks, cohorts and individuals, then measure; writes benchmarks/RESULTS.md
	@$(BIN)/python benchmarks/cohort.py
	@$(BIN)/python benchmarks/uncertainty.py

lint: $(READY)  ## Check style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)  ## Check types
	@$(BIN)/mypy

layers: $(READY)  ## Check that imports point one way
	@$(BIN)/python -m pytest tests/test_layers.py

format: $(READY)  ## Format the code
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

docs: $(READY)  ## Regenerate the documents that come from the code
	@$(BIN)/python -m costmodel.study.describe docs

hashes: $(READY)  ## Write the hashes of data/ anew after a table was changed on purpose
	@$(BIN)/python -c 'from costmodel.datasets import data_root, update_hashes; update_hashes(data_root())'

constraints: $(READY)  ## Pin the newest versions that fit pyproject.toml
	@$(BIN)/uv pip compile --quiet --upgrade --universal --no-header --no-annotate --group dev pyproject.toml -o constraints.txt

lab: $(READY)  ## Open the notebooks
	@$(BIN)/jupyter lab notebooks

clean:  ## Remove the environment and everything built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis
