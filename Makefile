# The body of every recipe is in tools/dev.py, which needs nothing but Python, not even make:
# `python3 -m tools.dev run`.
PYTHON ?= python3

.PHONY: run test test-all check bench lock

run:  ## Serve the console on http://localhost:8000; the first time, set everything up
	@$(PYTHON) -m tools.dev run

test:  ## The suite on SQLite, with the browser (ARGS="-k name" is handed to pytest)
	@$(PYTHON) -m tools.dev test $(ARGS)

test-all:  ## The suite on a PostgreSQL of its own, with AWS's own clients
	@$(PYTHON) -m tools.dev test-all $(ARGS)

check:  ## Format, lint, types, templates, migrations, deployment, locks
	@$(PYTHON) -m tools.dev check

bench:  ## Print the figures of tests/bench
	@$(PYTHON) -m tools.dev bench $(ARGS)

lock:  ## Resolve pyproject.toml's dependencies anew into requirements/ (needs uv)
	@$(PYTHON) -m tools.dev lock
