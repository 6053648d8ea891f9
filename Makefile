# What one does with this checkout. `make` alone lists it.
PYTHON ?= python3
ARGS ?=
SEEDS ?= 200
FIRST ?= 1
JOBS ?= 2
BIN := .venv/bin
BOOTSTRAP := @$(PYTHON) scripts/bootstrap.py

.PHONY: help demo serve test lint format api lock bench simulate train eval clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo:  ## Link a sample business's bank, show its books, serve the web app (ARGS="--exit --json")
	$(BOOTSTRAP) python web
	@exec $(BIN)/openledger demo --data-dir .data/demo $(ARGS)

serve:  ## Run the server with the sandbox bank (ARGS="--no-sandbox --port 8000")
	$(BOOTSTRAP) python
	@exec $(BIN)/openledger serve --sandbox --data-dir .data/serve $(ARGS)

test:  ## Run every test: web units, then Python with PostgreSQL, HTTP and a browser (ARGS="-k name", JOBS=2 at a time)
	$(BOOTSTRAP) python web browser hledger
	$(BOOTSTRAP) npm test --silent
	@$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

lint:  ## Run every check that needs no running server
	$(BOOTSTRAP) python web
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest tests/house
	@mkdir -p .build
	@$(BIN)/python scripts/openapi.py .build/openapi.json
	$(BOOTSTRAP) npm run --silent generate:api -- .build/openapi.json --check
	$(BOOTSTRAP) npm run --silent lint

format:  ## Put the Python code in the house's layout and order
	$(BOOTSTRAP) python
	@$(BIN)/ruff check --select I --fix
	@$(BIN)/ruff format

api:  ## Take a changed API over into the types of the React package
	$(BOOTSTRAP) python web
	@mkdir -p .build
	@$(BIN)/python scripts/openapi.py .build/openapi.json
	$(BOOTSTRAP) npm run --silent generate:api -- .build/openapi.json

lock:  ## Resolve requirements/*.in again (ARGS="--upgrade")
	$(BOOTSTRAP) python
	@for name in server dev node tools train; do \
	  UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-emit-index-url $(ARGS) requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

bench:  ## Measure the import of 100,000 bank transactions and the reports after it
	$(BOOTSTRAP) python
	@$(BIN)/python -m bench $(ARGS)

train:  ## Build the categorisation model again from training/data (ARGS="--check" only compares)
	$(BOOTSTRAP) python
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements/train.txt
	@$(BIN)/python -m training $(ARGS)

eval:  ## Measure the categorisation model and the owner's learner against baselines (a few minutes)
	$(BOOTSTRAP) python
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements/train.txt
	@$(BIN)/python -m evaluation $(ARGS)

simulate:  ## Live seeded lives of banks, faults, kills and people, and audit the outcome (SEEDS=200 FIRST=1 JOBS=2)
	$(BOOTSTRAP) python
	@$(BIN)/python -m tests.simulation.seeds --seeds $(SEEDS) --first $(FIRST) --jobs $(JOBS)

clean:  ## Remove everything that can be made again; data directories (.data) stay
	rm -rf .venv .build build node_modules packages/*/node_modules apps/*/node_modules packages/*/dist apps/*/dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache src/*.egg-info
