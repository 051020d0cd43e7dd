# SPDX-License-Identifier: Apache-2.0
# Every operation with every peer through every door: Tests/matrix, with the cells in Tests/data/matrix.tsv.

MATRIX := $(BUILD)/matrix
MATRIX_PAGE := $(BUILD)/matrix.html
MATRIX_PROGRAMS := $(MATRIX)/door $(MATRIX)/peer $(MATRIX)/libnames.so
MATRIX_SWIFT_DOOR := $(BUILD)/debug/matrix-door
MATRIX_FLAGS = -std=c11 -D_GNU_SOURCE -pthread -O1 -g $(WARNINGS) -Iinclude -ITests/C/support
RUN_MATRIX = EXPERIMANCE_ZMQ_LIBRARY=$(LIBRARY) PYTHONPATH=$(CURDIR)/$(PYTHON_PACKAGE)/src \
	$(VENV)/bin/python -B Tests/matrix/run.py $(BUILD) $(MISBEHAVING_PEER)
# ONLY="connect stopped": that cell alone, or that row or column.
ONLY ?=

.PHONY: matrix test-matrix

# All of it, as a page as well, which a browser then looks at.
matrix: $(MATRIX_PROGRAMS) $(MATRIX_SWIFT_DOOR) $(MISBEHAVING_PEER) | $(PYTHON_TOOLS) $(if $(ONLY),,$(BUILD)/.have-browser)
	@$(RUN_MATRIX) $(if $(ONLY),--only "$(ONLY)",--page $(MATRIX_PAGE))
	@$(if $(ONLY),true,cd Tests/matrix && EXZ_PAGE=$(MATRIX_PAGE) $(PYTHON) -B test_page.py)

# What takes seconds: a part of `make test`.
test-matrix: $(MATRIX_PROGRAMS) $(MATRIX_SWIFT_DOOR) $(MISBEHAVING_PEER) | $(PYTHON_TOOLS)
	@$(RUN_MATRIX) --short

$(MATRIX)/door $(MATRIX)/peer: $(MATRIX)/%: Tests/matrix/%.c Tests/C/support/monotonic.h $(HEADER) | lib \
		$(BUILD)/.have-c-test-tools
	@mkdir -p $(@D)
	@$(CC) $(MATRIX_FLAGS) $< -L$(LIB) -Wl,-rpath,$(LIB) -lexperimance_zmq -o $@

$(MATRIX)/libnames.so: Tests/matrix/names.c | $(BUILD)/.have-c-test-tools
	@mkdir -p $(@D)
	@$(CC) $(MATRIX_FLAGS) -shared -fPIC $< -ldl -o $@

$(MATRIX_SWIFT_DOOR): $(SWIFT_SOURCES) $(wildcard Tests/matrix/swift-door/*.swift) | $(BUILD)/.have-libzmq
	@$(SWIFT) build --product matrix-door
	@touch $@

$(BUILD)/.have-browser:
	@$(NEED) chromium
	@mkdir -p $(@D) && touch $@
