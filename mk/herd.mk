# SPDX-License-Identifier: Apache-2.0
# A thousand clients whose server is killed and comes back: Tests/herd.

HERD := $(BUILD)/herd
HERD_PROGRAMS := $(HERD)/clients $(HERD)/plain_clients $(HERD)/server
HERD_FLAGS = -std=c11 -D_GNU_SOURCE -pthread -O1 -g $(WARNINGS) -Iinclude -ITests/C/support
HERD_PICTURE ?= docs/herd.svg
# HERD_OPTIONS="--jitter full --initial 5": another policy; Tests/herd/run.py has the options.
HERD_OPTIONS ?=

.PHONY: herd test-herd

herd: $(HERD_PROGRAMS)
	@PYTHONPATH=Tests/matrix $(PYTHON) -B Tests/herd/run.py $(HERD) --picture $(HERD_PICTURE) $(HERD_OPTIONS)

# How a herd is judged and drawn. What a hundred clients do is in Tests/C/test_herd.c.
test-herd:
	@cd Tests/herd && $(PYTHON) -B -m unittest

$(HERD_PROGRAMS): $(HERD)/%: Tests/herd/%.c Tests/herd/herd.h $(HEADER) | lib $(BUILD)/.have-c-test-tools
	@mkdir -p $(@D)
	@$(CC) $(HERD_FLAGS) $< $(if $(findstring plain,$*),-lzmq,-L$(LIB) -Wl,-rpath,$(LIB) -lexperimance_zmq) -o $@
