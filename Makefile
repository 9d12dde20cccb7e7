# Presswarc. `make demo` and `make test` set up everything they need in .venv.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
ARCHIVE ?= demo-archive
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 3600
SOAK ?= soak
FAULTS ?= --each-sort

.DEFAULT_GOAL := help
.PHONY: help demo test month lint bench fuzz soak faults hostile clean

help:  ## what there is to make
	@grep -E '^[a-z]+: .*##|^[a-z]+:  ##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

demo: $(VENV)/.runtime  ## crawl the two bundled sample sites and show what came out
	$(BIN)/presswarc demo --archive $(ARCHIVE)

test: $(VENV)/.test  ## run the test suite
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -q

month: $(VENV)/.test  ## a simulated month of scheduled crawls, which `make test` leaves out
	MONTH=1 $(BIN)/python -m pytest -q tests/crawler/test_month.py

lint: $(VENV)/.test  ## ruff, mypy, the layer contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test  ## the benchmarks, as ratios; CORPUS=DIR and PAGES=DIR add extraction
	$(BIN)/python benchmarks/index_load.py
	$(BIN)/python benchmarks/index.py --sizes 10000
	$(BIN)/python benchmarks/warc.py
	$(BIN)/python benchmarks/capture_overhead.py
	$(if $(CORPUS),$(BIN)/python benchmarks/extraction.py $(CORPUS) $(if $(PAGES),--pages $(PAGES)))

fuzz: $(VENV)/.fuzz  ## fuzz the readers of what strangers wrote; FUZZ_SECONDS=600 for longer, FUZZ="warc page" for some
	$(BIN)/python fuzz/run.py $(FUZZ) --seconds $(FUZZ_SECONDS)

soak: $(VENV)/.runtime  ## crawl a local site for SOAK_SECONDS, an hour by default, and plot memory, files and disk
	$(BIN)/python benchmarks/soak.py --seconds $(SOAK_SECONDS) --out $(SOAK)

faults: $(VENV)/.runtime  ## each command with each of its writes failing, or killed at it; FAULTS="--every 20" for some
	$(BIN)/python benchmarks/bad_days.py --kinds full half once eio eio-once readonly denied kill $(FAULTS)

hostile: $(VENV)/.test  ## crawl the tests' hostile site under default limits; memory, time and holds of the event loop
	$(BIN)/python benchmarks/hostile.py

clean:  ## remove the venv, caches and the demo's archive
	rm -rf $(VENV) $(ARCHIVE) fuzz/found build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(if $(UV),$(UV) venv -q --python $(PYTHON) $(VENV),$(PYTHON) -m venv $(VENV))

$(VENV)/.runtime: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call install,-e .)
	touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call install,-e '.[test]')
	touch $@ $(VENV)/.runtime

$(VENV)/.browser: $(VENV)/.test
	$(call install,-e '.[browser]')
	touch $@

# Without atheris (it has no wheels for some systems) inputs are changed blindly.
$(VENV)/.fuzz: $(VENV)/.runtime
	$(call install,'atheris>=3.0') || echo 'fuzzing without atheris, which leads the way by coverage'
	touch $@

define install
$(if $(UV),$(UV) pip install -q --python $(BIN)/python -c constraints.txt $(1),$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt $(1))
endef
