# Everything runs in .venv, made by tools/setup.py the first time and kept.
PYTHON ?= python3
RUN = .venv/bin/python
PORT ?= 8000

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: runtimes notebook browser redis proxies foreign frameworks live ## get all that is needed (each target gets what it needs, too)

build python runtimes notebook browser firefox webkit redis proxies libraries foreign frameworks live:
	@$(PYTHON) tools/setup.py $@
notebook browser firefox webkit redis proxies libraries foreign frameworks live: python
notebook live: runtimes

demo: python runtimes notebook libraries ## serve the demos on http://localhost:8000 (PORT=...)
	@$(RUN) -m tools.lock --if-changed
	@exec $(RUN) -m tools.demo $(PORT)

example: python runtimes ## serve a program of examples/ on http://localhost:8000 (NAME=game, or dashboard; PORT=...)
	@$(RUN) -m tools.lock --if-changed
	@exec $(RUN) -m tools.example $(or $(NAME),game) $(PORT)

docs: python runtimes live ## build the documentation into .build/docs, which `make demo` serves at /docs/, too
	@$(RUN) -m tools.docs

test: runtimes notebook browser redis proxies foreign frameworks live ## lint, types, and every test, in plain Python and in the browser
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	@$(RUN) -m tools.lock --if-changed
	@$(MAKE) --no-print-directory --jobs=2 --keep-going in-python in-node in-python-over
	@$(MAKE) --no-print-directory --jobs=2 --keep-going in-chromium-half in-chromium-rest

test-engines: runtimes notebook firefox webkit redis foreign ## the browser tests in Firefox and, at the same time, WebKitGTK
	@$(RUN) -m tools.lock --if-changed
	@$(MAKE) --no-print-directory --jobs=2 --keep-going in-firefox in-webkit

conformance: runtimes firefox webkit ## the conformance suite in Firefox and, at the same time, WebKitGTK (six minutes)
	@$(RUN) -m tools.lock --if-changed
	@$(MAKE) --no-print-directory --jobs=2 --keep-going in-firefox in-webkit TESTS=tests/browser/test_conformance.py

# Two at a time: tests that wait leave most of the machine to others. (Three at a time are no quicker on two cores, and
# servers answer too late.)
TESTS = tests/browser
in-python:
	$(RUN) -m pytest tests/unit tests/docs tests/native tests/server
HUB = $(addprefix tests/server/test_,budget.py calls.py hub.py security.py)
in-python-over:
	$(RUN) -m pytest $(HUB) --over picows
	$(RUN) -m pytest $(HUB) --loop uvloop --over picows
	$(RUN) -m pytest $(HUB) tests/server/test_cut_off.py tests/server/test_engines.py --loop uvloop
in-node:
	$(RUN) -m pytest tests/node
HALF = $(patsubst %,tests/browser/test_%.py,conformance oldest chaos install readme demos reload first_look)
in-chromium-half:
	$(RUN) -m pytest $(HALF)
in-chromium-rest:
	$(RUN) -m pytest tests/browser $(addprefix --ignore=,$(HALF))
in-firefox in-webkit: in-%:
	$(RUN) -m pytest $(TESTS) --engine $*

test-versions: runtimes browser ## each Pyodide, PyScript and MicroPython in use; writes docs/compatibility.md
	$(RUN) -m pytest tests/versions

test-dropin: build ## the tests of gql, aiohttp, httpx-ws and websockets, over the drop-in (SUITE=gql)
	$(RUN) -m tests.dropin.run $(SUITE)

bench: runtimes $(or $(filter firefox,$(ENGINE)),browser) foreign ## measure it side by side with its peers (nine minutes; ENGINE=firefox)
	@$(RUN) -m tools.lock --if-changed
	$(RUN) -m tests.bench.run $(if $(ENGINE),--engine $(ENGINE))

bench-server: redis ## the hub side by side with other servers (some ten minutes)
	@$(RUN) -m pip install --quiet --group bench
	$(RUN) -m tests.bench_server.run

soak: runtimes browser ## ten minutes of a line that is cut each second
	@$(RUN) -m tools.lock --if-changed
	$(RUN) -m tests.faults.soak

chaos: redis ## hubs, Redis and clients, and all that can go wrong (SECONDS=1800 SEED=...)
	$(RUN) -m tests.faults.chaos --seconds $(or $(SECONDS),1800) $(if $(SEED),--seed $(SEED))

hostile: python ## what hostile clients cost a hub, and how long the others wait
	$(RUN) -m tests.faults.hostile

load: python ## the memory of a hub with 1,000 active clients (ten minutes)
	$(RUN) -m tests.faults.load

mutants: python ## small changes of the code that no quick test notices (half an hour; ONLY=browserws/_pure/reconnection.py)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --group mutants
	@$(RUN) -m tools.mutants $(ONLY)

wheel: build ## build the wheels into dist/ (needs nothing but Python and PyPI)
	@$(RUN) -m tools.wheel

release-check: build runtimes ## build all twice, check, install and import it as its users will (some minutes)
	@$(RUN) -m tools.lock --if-changed
	$(RUN) -m tools.release

lock: python runtimes ## write dist/pyodide/, from which loadPackage("browserws") works
	@$(RUN) -m tools.lock dist/pyodide

clean: ## remove all that was made or fetched
	rm -rf .venv .build dist mutants tools/node_modules

.PHONY: help setup build python runtimes notebook browser firefox webkit redis proxies libraries foreign frameworks live demo docs example test test-engines test-dropin conformance in-python in-python-over in-node in-chromium-half in-chromium-rest in-firefox in-webkit test-versions bench bench-server soak chaos hostile load mutants wheel release-check lock clean
.DEFAULT_GOAL := help
