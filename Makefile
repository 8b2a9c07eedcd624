# Two commands: make demo, make test. Relative paths only: the checkout may lie under a path with spaces.
PYTHON ?= python3
PORT ?= 8000
V := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_NO_INPUT=1
# trust the system's certificates too (company proxies)
export UV_SYSTEM_CERTS=1
export NODE_USE_SYSTEM_CA=1
# compiled once and kept: a family of processes starts in half the time
export PYTHONDONTWRITEBYTECODE=
# whole files, in the order of tests/conftest.py: the long ones first
WORKERS ?= -n 2 --dist loadfile --no-loadscope-reorder
VENDOR := src/fourflow/interfaces/web/static/vendor
.PHONY: demo test test-15 pictures setup assets lint types bench crash mutants requirements system clean messages

demo: setup
	@$(V)/fourflow demo --port $(PORT) $(if $(ONCE),--once,)

setup: .venv/stamp $(VENDOR)/stamp messages

.venv/stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "fourflow needs Python 3.11 or newer; set PYTHON=…")'
	@$(PYTHON) -m venv --clear .venv || { echo "venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing the locked packages …"
	@$(V)/python -m pip install -qq --require-hashes --no-compile -r requirements.lock
	@$(V)/python -m pip install -qq --no-deps --no-build-isolation --no-compile -e .
	@touch $@

assets: $(VENDOR)/stamp
$(VENDOR)/stamp: .venv/stamp tools/frontend/package-lock.json tools/frontend/build.mjs $(wildcard tools/frontend/*.js) $(wildcard src/fourflow/interfaces/web/assets/*/*)
	@echo "building htmx, charts and fonts …"
	@cd tools/frontend && PATH="$$PWD/../../.venv/bin:$$PATH" npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null && PATH="$$PWD/../../.venv/bin:$$PATH" node build.mjs
	@touch $@

messages: .venv/stamp
	@$(V)/python tools/i18n.py compile

system:
	@$(V)/python tools/system_packages.py

# lint runs beside the tests, which often wait for a browser or a process, and speaks when they have ended
test: setup system
	@$(V)/python tools/lint.py >.venv/lint.txt 2>&1 & lint=$$!; \
	$(V)/python -m pytest $(WORKERS); tests=$$?; \
	wait $$lint; lint=$$?; cat .venv/lint.txt; exit $$((tests || lint))

# the oldest PostgreSQL that is supported, as Debian has it
test-15: setup system
	@FOURFLOW_POSTGRES_BIN=/usr/lib/postgresql/15/bin $(V)/python -m pytest $(WORKERS) tests/modules

# docs/screens anew, or some of them (VIEWS=core-home,bank-inbox); a palette of 64 colours takes a third of the bytes
pictures: setup system
	@$(V)/python -m pytest -q -n 0 tests/interfaces/web/pictures.py
	@if command -v pngquant >/dev/null; then pngquant --force --ext .png --nofs 64 docs/screens/*.png; else \
	echo "pngquant is missing: the pictures are three times as large as they need to be"; fi

lint: setup
	@$(V)/python tools/lint.py

types: setup
	@$(V)/python -m mypy src/fourflow

bench: setup
	@$(V)/python -m tools.bench

crash: setup
	@$(V)/python -m pytest -n 2 tests/concurrency --crash-points all

mutants: setup
	@$(V)/python tools/mutants.py

requirements: setup
	@$(V)/python tools/requirements.py

clean:
	rm -rf .venv .fourflow $(VENDOR) src/fourflow/platform/pdf/fonts tools/frontend/node_modules
