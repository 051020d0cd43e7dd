# SPDX-License-Identifier: Apache-2.0
# Measured against plain libzmq. BENCH_UNPINNED=1 leaves the processes to the scheduler (Benchmarks/README.md).

BENCH := $(BUILD)/bench
BENCH_BOTH := stream large round_trip hot_path proxy publish poll_idle request
BENCH_OURS := first_message publisher_return lateness idle curve_connect
BENCH_PLAIN_PROGRAMS := $(BENCH_BOTH:%=$(BENCH)/%-plain)
BENCH_OUR_PROGRAMS := $(patsubst %,$(BENCH)/%-ours,$(BENCH_BOTH) $(BENCH_OURS))
BENCH_FLAGS = -std=c11 -D_GNU_SOURCE -pthread -O2 $(WARNINGS) -MMD -MP -MT $@ -MF $@.d
BENCH_NAMED := $(BENCH)/named/$(SONAME)

BENCH_SWIFT := $(BENCH)/swift/release/bench-swift

.PHONY: bench-faults bench bench-quick bench-python bench-python-quick bench-swift bench-swift-quick $(BENCH_SWIFT)

bench: BENCH_SCALE :=
bench-quick: BENCH_SCALE := --quick
bench bench-quick: $(BENCH_PLAIN_PROGRAMS) $(BENCH_OUR_PROGRAMS) $(BENCH_NAMED)
	@cd Benchmarks && $(PYTHON) -B -m bench $(BENCH_SCALE) $(BENCH)

# What a fault proxy costs as long as it has no faults.
bench-faults: $(BENCH)/faults-ours
	@$(BENCH)/faults-ours 8000 20000

# The Python package side by side with pyzmq.
bench-python: BENCH_SCALE := --chart $(CURDIR)/docs/bench-python
bench-python-quick: BENCH_SCALE := --quick
bench-python bench-python-quick: lib $(BENCH)/pull.so | $(PYTHON_TOOLS)
	@cd Benchmarks && EXPERIMANCE_ZMQ_LIBRARY=$(LIB)/libexperimance_zmq.so EXZ_BENCH_PULL=$(BENCH)/pull.so \
		PYTHONPATH=$(CURDIR)/$(PYTHON_PACKAGE)/src $(VENV)/bin/python -m bench_python $(BENCH_SCALE)

# The Swift interface, in a package of its own as a user builds it. ONLY=streams: one part of the table.
bench-swift: BENCH_SCALE :=
bench-swift-quick: BENCH_SCALE := --quick
bench-swift bench-swift-quick: $(BENCH)/stream-plain $(BENCH)/round_trip-plain $(BENCH_SWIFT)
	@cd Benchmarks && $(PYTHON) -B -m bench_swift $(BENCH_SCALE) $(if $(ONLY),--only $(ONLY)) $(BENCH)

$(BENCH_SWIFT): | $(BUILD)/.have-libzmq
	@$(SWIFT) build -c release --package-path Benchmarks/swift --scratch-path $(BENCH)/swift

$(BENCH_PLAIN_PROGRAMS): $(BENCH)/%-plain: Benchmarks/workers/%.c | $(BUILD)/.have-libzmq $(BUILD)/.have-bench-tools
	@echo "building $(@F)"
	@mkdir -p $(@D)
	@$(CC) $(BENCH_FLAGS) -DPLAIN $< -lzmq -o $@

$(BENCH_OUR_PROGRAMS) $(BENCH)/faults-ours: $(BENCH)/%-ours: Benchmarks/workers/%.c | lib $(BUILD)/.have-bench-tools
	@echo "building $(@F)"
	@mkdir -p $(@D)
	@$(CC) $(BENCH_FLAGS) -Iinclude $< -L$(LIB) -Wl,-rpath,$(LIB) -lexperimance_zmq $(BENCH_ALSO_LINKED) -o $@

$(BENCH)/pull.so: Benchmarks/workers/pull.c | $(BUILD)/.have-libzmq $(BUILD)/.have-bench-tools
	@mkdir -p $(@D)
	@$(CC) $(BENCH_FLAGS) -shared -fPIC $< -lzmq -o $@

# Both of its ends are plain libzmq's.
$(BENCH)/proxy-ours $(BENCH)/publish-ours $(BENCH)/request-ours: BENCH_ALSO_LINKED := -lzmq

# The library as it was before its symbols were stripped, so that callgrind can name functions. It has to be the same.
$(BENCH_NAMED): $(LIBRARY)
	@mkdir -p $(@D)
	@cp $$($(SWIFT) build -c release --show-bin-path)/libexperimance_zmq.so $@.new
	@strip --strip-unneeded -o $@.stripped $@.new
	@cmp -s $@.stripped $(LIBRARY) || \
		{ echo "$(LIBRARY) is not of the newest release build: remove it and try again" >&2; exit 1; }
	@rm $@.stripped && mv $@.new $@

$(BUILD)/.have-bench-tools:
	@$(NEED) gcc libc6-dev python3 valgrind
	@mkdir -p $(@D) && touch $@

-include $(wildcard $(BENCH)/*.d)
