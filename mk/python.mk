# SPDX-License-Identifier: Apache-2.0
# The Python package: tests, formatting, types.

.PHONY: test-python lint-python

test-python: lib $(MISBEHAVING_PEER) | $(PYTHON_TOOLS)
	@echo "Python tests"
	@cd $(PYTHON_PACKAGE) && EXPERIMANCE_ZMQ_LIBRARY=$(LIB)/libexperimance_zmq.so \
		EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) $(VENV)/bin/pytest -q

# Imports nothing, so it needs no library.
lint-python: | $(PYTHON_TOOLS)
	@cd $(PYTHON_PACKAGE) && $(VENV)/bin/ruff check --cache-dir $(BUILD)/ruff-cache
	@cd $(PYTHON_PACKAGE) && $(VENV)/bin/ruff format --check --cache-dir $(BUILD)/ruff-cache
	@cd $(PYTHON_PACKAGE) && $(VENV)/bin/mypy --strict --cache-dir $(BUILD)/mypy-cache
	@cd $(PYTHON_PACKAGE) && $(VENV)/bin/pyright --pythonpath $(VENV)/bin/python

$(PYTHON_TOOLS): $(PYTHON_PACKAGE)/pyproject.toml
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(NEED) python3-venv python3
	@echo "installing what the Python tests need into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '$(PYTHON_PACKAGE)[dev]'
	@touch $@
