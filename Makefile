# Everything a person types. `make help` lists it.

.DEFAULT_GOAL := help
.PHONY: help forecast test calibrate check docs bench clean

V := .venv
BIN := $(V)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# An install is repeated only when what it reads has changed.
READS := pyproject.toml constraints.txt

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS='	' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

forecast: $(V)/.run  ## answer the question for the whole of rural China, on the bundled figures
	@$(BIN)/granary forecast

test: $(V)/.test  ## run every test, side by side on as many cores as there are; SLOW=no leaves out the slow ones
	@$(BIN)/python -m pytest --quiet --numprocesses=auto --maxprocesses=4 --dist=loadfile $(if $(filter no,$(SLOW)),-m "not slow and not long")

calibrate: $(V)/.test  ## the long tests: models fitted again and again to figures that they made
	@$(BIN)/python -m pytest --quiet -m long

check: $(V)/.check docs  ## style, types, rules of import, the manual, the notebooks
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >$(V)/imports.txt || { cat $(V)/imports.txt; exit 1; }
	@echo "style, types, imports, manual and notebooks are in order"

docs: $(V)/.check  ## execute the notebooks, build the manual with them into docs/_build, follow its links
	@$(BIN)/python tools/execute_notebooks.py notebooks docs/notebooks >$(V)/notebooks.txt 2>&1 || { cat $(V)/notebooks.txt; exit 1; }
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -d docs/_build/doctrees docs docs/_build/html
	@$(BIN)/python tools/check_links.py docs/_build/html >$(V)/links.txt 2>&1 || { cat $(V)/links.txt; exit 1; }
	@echo "the manual: docs/_build/html/index.html"

bench: $(V)/.test  ## measure the kernels, at a small size, against plain numpy and SALib
	@$(BIN)/python benchmarks/bench_cohort.py
	@$(BIN)/python benchmarks/bench_counties.py --counties 200 --draws 250 --regions 8 --rounds 3
	@$(BIN)/python benchmarks/bench_sobol.py --outputs 60

clean:  ## remove what was made, but not the environment and the results
	@rm -rf build dist docs/_build .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	@find forecasting actuarial tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@python=$$(sh tools/find-python) || exit 1; echo "making $(V) with $$python"; "$$python" -m venv $(V)

$(V)/.run: $(BIN)/python $(READS)
	@echo "installing Granary"
	@$(PIP) --editable .
	@touch $@

$(V)/.test: $(V)/.run
	@echo "installing what the tests need"
	@$(PIP) --editable '.[test]'
	@touch $@

$(V)/.check: $(V)/.test
	@echo "installing what the checks need"
	@$(PIP) --editable '.[check]'
	@touch $@
