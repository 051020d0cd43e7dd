# SPDX-License-Identifier: Apache-2.0
# Numbered messages through faults, and what became of each: Tests/ledger. ONLY="1 7": these flows alone.

LEDGER := $(BUILD)/ledger
LEDGER_SWIFT_WORKER := $(BUILD)/debug/ledger-worker
LEDGER_FLAGS = -std=c11 -D_GNU_SOURCE -pthread -O1 -g $(WARNINGS) -Iinclude -ITests/C/support -ITests/ledger/records
RUN_LEDGER = EXPERIMANCE_ZMQ_LIBRARY=$(LIBRARY) PYTHONPATH=$(CURDIR)/$(PYTHON_PACKAGE)/src \
	$(VENV)/bin/python -B Tests/ledger/run.py $(BUILD)
MINUTES ?= 60
# A seed has the same go wrong again; 0: another one. KEEP=FOLDER: the journals are kept there.
SEED ?= 0
KEEP ?=

.PHONY: soak test-ledger test-soak

soak: $(LEDGER)/worker $(LEDGER_SWIFT_WORKER) | $(PYTHON_TOOLS)
	@$(RUN_LEDGER) $(MINUTES) --seed $(SEED) --only "$(ONLY)" $(if $(KEEP),--keep $(KEEP))

# Three minutes, for `.ci/run`. No part of `make test`: it goes wrong in another way each time, and what passes or fails
# there is to be the same twice.
test-soak:
	@$(MAKE) --no-print-directory soak MINUTES=3

# The judge, with journals that are made up, and what is drawn from a seed.
test-ledger: lib | $(PYTHON_TOOLS)
	@echo "Ledger tests"
	@cd Tests/ledger && EXPERIMANCE_ZMQ_LIBRARY=$(LIBRARY) PYTHONPATH=$(CURDIR)/$(PYTHON_PACKAGE)/src \
		$(VENV)/bin/python -B -m unittest

$(LEDGER)/worker: $(wildcard Tests/ledger/c-worker/*.[ch] Tests/ledger/records/*.[ch]) Tests/C/support/must.h $(HEADER) \
		| lib $(BUILD)/.have-c-test-tools
	@mkdir -p $(@D)
	@$(CC) $(LEDGER_FLAGS) $(filter %.c,$^) -L$(LIB) -Wl,-rpath,$(LIB) -lexperimance_zmq -o $@

$(LEDGER_SWIFT_WORKER): $(SWIFT_SOURCES) $(wildcard Tests/ledger/swift-worker/*.swift Tests/ledger/records/*.[ch]) \
		| $(BUILD)/.have-libzmq
	@$(SWIFT) build --product ledger-worker
	@touch $@
