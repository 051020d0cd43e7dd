# SPDX-License-Identifier: Apache-2.0
# The tests in C, against the built library.

C_TESTS := $(BUILD)/c-tests
C_TEST_SUPPORT := $(patsubst Tests/C/support/%.c,$(C_TESTS)/support/%.o,$(wildcard Tests/C/support/*.c))
C_TEST_PROGRAMS := $(patsubst Tests/C/%.c,$(C_TESTS)/%,$(wildcard Tests/C/test_*.c))
C_TEST_PEERS := $(patsubst %,$(C_TESTS)/%,activated early_forker leaver ledger_receiver plain_host plain_peer plain_server)
C_TEST_PEERS += $(C_TESTS)/topic_publisher
C_TEST_FLAGS = -std=c11 -D_GNU_SOURCE -pthread -O1 -g $(WARNINGS) -Iinclude -ITests/C/support -MMD -MP -MT $@ -MF $@.d
# What the tests of all languages read.
C_TEST_FLAGS += -DEXZ_TEST_DATA='"$(CURDIR)/Tests/data"'
# What keys of others are read with.
C_TEST_ALSO_test_keys_of_others := -lczmq -lzmq
C_TEST_LIBRARY := -L$(LIB) -Wl,-rpath,$(LIB) -lexperimance_zmq

# mk/sanitize.mk has the same programs built once more, with this, other directories and another compiler.
C_TEST_EXTRA ?=
C_TEST_FLAGS += $(C_TEST_EXTRA)

.PHONY: test-c c-test-programs

c-test-programs: $(C_TEST_PROGRAMS) $(C_TEST_PEERS)

test-c: $(MISBEHAVING_PEER) | lib
	@$(MAKE) --no-print-directory -j$$(nproc) c-test-programs
	@echo "C tests"
	@CC=$(CC) CXX=$(CXX) Tests/C/check-library $(LIBRARY) $(HEADER) $(EXPORTS)
	@scripts/check-runtime-gate $$($(SWIFT) build -c release --show-bin-path)/libexperimance_zmq.so
	@EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) Tests/C/run-tests $(C_TEST_PROGRAMS)

$(C_TESTS)/support/%.o: Tests/C/support/%.c | $(BUILD)/.have-c-test-tools $(BUILD)/.have-libzmq
	@mkdir -p $(@D)
	@$(CC) $(C_TEST_FLAGS) -c $< -o $@

$(C_TEST_PROGRAMS): $(C_TESTS)/%: Tests/C/%.c $(C_TEST_SUPPORT) | lib $(BUILD)/.have-c-test-tools
	@echo "building $(@F)"
	@$(CC) $(C_TEST_FLAGS) $< $(C_TEST_SUPPORT) $(C_TEST_LIBRARY) $(C_TEST_ALSO_$*) -lcmocka -lsodium -lm -o $@

$(C_TEST_PEERS): $(C_TESTS)/%: Tests/C/%.c | lib $(BUILD)/.have-c-test-tools $(BUILD)/.have-libzmq
	@mkdir -p $(@D)
	@echo "building $(@F)"
	@$(CC) $(C_TEST_FLAGS) $< $(if $(findstring plain,$*),-lzmq,$(C_TEST_LIBRARY)) -o $@

-include $(wildcard $(C_TESTS)/*.d $(C_TESTS)/support/*.d)
