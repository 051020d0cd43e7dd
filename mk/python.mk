# SPDX-License-Identifier: Apache-2.0
# The Python package: tests, formatting, types.

.PHONY: test-python lint-python

test-python: lib $(MISBEHAVING_PEER) | $(PYTHON_TOOLS)
	@echo "Python tests"
	@cd $(PYTHON_PACKAGE) && EXPERIMANCE_ZMQ_LIBRARY=$(LIB)/libexperimance_zmq.so \
		EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) $(VENV)/bin/pytest -q

# Folders with programs in Python outside of the package, each of which finds its modules beside it. hatch_build.py is
# left to ruff: what it imports is there only while a wheel is built.
PROGRAM_FOLDERS := Benchmarks Examples/demo Examples/python Examples/start/compose Examples/start/systemd \
	Examples/testing/python Tests/abi Tests/arrows Tests/command-line Tests/environments Tests/herd Tests/interop \
	Tests/ledger Tests/matrix Tests/packages/used Tests/pyzmq Tests/pyzmq-programs Tests/readme Tests/site scripts \
	$(PYTHON_PACKAGE)/packaging
# Where one of them finds what another one has.
MYPY_PLACES := $(CURDIR)/$(PYTHON_PACKAGE)/src:$(CURDIR)/scripts:$(CURDIR)/Tests/matrix:$(CURDIR)/Tests/interop:$(CURDIR)/Tests/pyzmq
MYPY := $(VENV)/bin/mypy --strict --config-file $(CURDIR)/$(PYTHON_PACKAGE)/pyproject.toml --cache-dir $(BUILD)/mypy-cache

# Imports nothing, so it needs no library.
lint-python: | $(PYTHON_TOOLS)
	@$(VENV)/bin/ruff check --cache-dir $(BUILD)/ruff-cache
	@$(VENV)/bin/ruff format --check --cache-dir $(BUILD)/ruff-cache
	@cd $(PYTHON_PACKAGE) && $(MYPY)
	@set -e; for folder in $(PROGRAM_FOLDERS); do \
		cd $(CURDIR)/$$folder && MYPYPATH=$(MYPY_PLACES) $(MYPY) .; done
	@cd $(PYTHON_PACKAGE) && $(VENV)/bin/pyright --pythonpath $(VENV)/bin/python

$(PYTHON_TOOLS): $(PYTHON_PACKAGE)/pyproject.toml
	@$(NEED) $(PYTHON_NEEDS)
	@echo "installing what the Python tests need into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '$(PYTHON_PACKAGE)[dev]'
	@touch $@
