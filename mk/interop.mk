# SPDX-License-Identifier: Apache-2.0
# What each side is told, with pyzmq and czmq on the other: Tests/interop, with the cells in Tests/data/security.tsv.

INTEROP := $(BUILD)/interop
INTEROP_PROGRAMS := $(INTEROP)/ours $(INTEROP)/czmq
INTEROP_FLAGS = -std=c11 -D_GNU_SOURCE -O1 -g $(WARNINGS) -Iinclude

.PHONY: test-interop

test-interop: $(INTEROP_PROGRAMS) | $(PYTHON_TOOLS)
	@PYTHONPATH=Tests/matrix $(VENV)/bin/python -B Tests/interop/run.py $(INTEROP)

$(INTEROP)/ours: Tests/interop/ours.c Tests/interop/peer.h $(HEADER) | lib $(BUILD)/.have-c-test-tools
	@mkdir -p $(@D)
	@$(CC) $(INTEROP_FLAGS) $< -L$(LIB) -Wl,-rpath,$(LIB) -lexperimance_zmq -o $@

$(INTEROP)/czmq: Tests/interop/czmq.c Tests/interop/peer.h | $(BUILD)/.have-c-test-tools
	@mkdir -p $(@D)
	@$(CC) $(INTEROP_FLAGS) $< -lczmq -lzmq -o $@
