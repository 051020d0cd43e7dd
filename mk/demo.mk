# SPDX-License-Identifier: Apache-2.0
# The demo, and the test of what README.md says.

.PHONY: demo test-readme

EXAMPLES := $(BUILD)/examples
# What reads man pages (there are two programs, and they understand different things), and what builds and checks
# Examples/start and what is installed. docker-compose looks at a file and runs nothing.
README_TEST_NEEDS := man-db mandoc cmake docker-compose python3-yaml systemd g++ gcc libc6-dev pkg-config
C_EXAMPLES := $(EXAMPLES)/publisher $(EXAMPLES)/puller
SWIFT_SUBSCRIBER := $(BUILD)/debug/swift-subscriber
# The Python examples find the package and the library of this checkout.
EXAMPLE_ENVIRONMENT = PYTHONPATH=$(CURDIR)/bindings/python/src EXPERIMANCE_ZMQ_LIBRARY=$(LIBRARY)

demo: $(C_EXAMPLES) $(SWIFT_SUBSCRIBER)
	@$(EXAMPLE_ENVIRONMENT) $(PYTHON) -B Examples/demo/demo.py --publisher $(EXAMPLES)/publisher \
		--puller $(EXAMPLES)/puller --swift-subscriber $(SWIFT_SUBSCRIBER)

# make install would build exz within a test, which is not patient enough for that.
test-readme: $(C_EXAMPLES) $(SWIFT_SUBSCRIBER) $(MISBEHAVING_PEER) man exz | $(PYTHON_TOOLS) $(BUILD)/.have-readme-tools
	@echo "README: examples, tables, messages, demo"
	@cd Tests/readme && $(EXAMPLE_ENVIRONMENT) EXZ_BUILD=$(BUILD) EXZ_LIB=$(LIB) \
		PYTHONPATH=$(CURDIR)/bindings/python/src:$(CURDIR)/Tests/interop \
		EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) EXZ_CC="$(CC)" EXZ_PYTEST=$(VENV)/bin/pytest $(PYTHON) -B run.py

$(EXAMPLES)/%: Examples/c/%.c Examples/c/journal.c Examples/c/journal.h $(HEADER) \
		| $(LIB)/libexperimance_zmq.so $(BUILD)/.have-demo-tools
	@echo "building the example $*"
	@mkdir -p $(@D)
	@$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(WARNINGS) -O2 -Iinclude $(filter %.c,$^) -o $@ \
		-L$(LIB) -lexperimance_zmq -Wl,-rpath,$(LIB)

$(SWIFT_SUBSCRIBER): $(SWIFT_SOURCES) $(wildcard Examples/swift-subscriber/*.swift) | $(BUILD)/.have-libzmq
	@echo "building the example swift-subscriber"
	@$(SWIFT) build --product swift-subscriber
	@touch $@

$(BUILD)/.have-readme-tools:
	@$(NEED) $(README_TEST_NEEDS)
	@mkdir -p $(@D) && touch $@

$(BUILD)/.have-demo-tools:
	@$(NEED) gcc libc6-dev python3
	@mkdir -p $(@D) && touch $@
