# SPDX-License-Identifier: Apache-2.0
# pyzmq's own tests, and programs that are written with pyzmq, with this package as its backend: Tests/pyzmq,
# Tests/pyzmq-programs. How fast they are: Benchmarks/bench_pyzmq.
# ONLY=test_poll: the files of pyzmq's tests that are called so.

PYZMQ := $(BUILD)/pyzmq
PYZMQ_VERSIONS := $(patsubst Tests/pyzmq/requirements/%.txt,%,$(wildcard Tests/pyzmq/requirements/*.txt))
PYZMQ_NEWEST := $(PYZMQ)/$(lastword $(sort $(PYZMQ_VERSIONS)))
HAVE_PYZMQ := $(PYZMQ_VERSIONS:%=$(PYZMQ)/%/.fetched)
WITH_BACKEND := EXPERIMANCE_ZMQ_LIBRARY=$(LIB)/libexperimance_zmq.so PYTHONPATH=$(CURDIR)/$(PYTHON_PACKAGE)/src

.PHONY: test-pyzmq test-pyzmq-programs test-pyzmq-stock bench-pyzmq bench-pyzmq-quick

test-pyzmq: lib | $(PYTHON_TOOLS) $(HAVE_PYZMQ)
	@echo "pyzmq's tests"
	@cd Tests/pyzmq && $(VENV)/bin/python -B -m unittest
	@$(WITH_BACKEND):$(CURDIR)/Tests/matrix $(VENV)/bin/python -B Tests/pyzmq/run.py $(PYZMQ) --only "$(ONLY)"
	@$(MAKE) --no-print-directory test-pyzmq-programs

# Programs from PyPI as they are, and small ones of our own, with the newest version.
test-pyzmq-programs: lib | $(PYTHON_TOOLS) $(HAVE_PYZMQ)
	@echo "Programs on pyzmq"
	@cd Tests/pyzmq-programs && $(WITH_BACKEND):$(CURDIR)/Tests/pyzmq PYZMQ_BACKEND=experimance_zmq.pyzmq_backend \
		$(PYZMQ_NEWEST)/venv/bin/python -B -m unittest

# With pyzmq's own backend: what fails there is not this package's fault.
test-pyzmq-stock: | $(PYTHON_TOOLS) $(HAVE_PYZMQ)
	@PYTHONPATH=Tests/matrix $(VENV)/bin/python -B Tests/pyzmq/run.py $(PYZMQ) --only "$(ONLY)" --stock

# Programs that are written with pyzmq, with and without PYZMQ_BACKEND. ONLY=asyncio: rows that are called so.
bench-pyzmq: BENCH_SCALE :=
bench-pyzmq-quick: BENCH_SCALE := --quick
bench-pyzmq bench-pyzmq-quick: lib | $(PYTHON_TOOLS) $(HAVE_PYZMQ)
	@cd Benchmarks && $(WITH_BACKEND) $(PYTHON) -B -m bench_pyzmq $(BENCH_SCALE) --only "$(ONLY)" \
		$(PYZMQ_NEWEST)/venv/bin/python

$(PYZMQ)/%/.fetched: Tests/pyzmq/requirements/%.txt Tests/pyzmq/archives/%.txt | $(PYTHON_TOOLS)
	@echo "fetching pyzmq $* and what its tests need into $(@D)"
	@$(VENV)/bin/python -B Tests/pyzmq/fetch.py $* $(@D)
	@touch $@
