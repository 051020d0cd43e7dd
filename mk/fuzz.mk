# SPDX-License-Identifier: Apache-2.0
# Misuse by the million: six programs for libFuzzer, against the library under the address sanitizer.
#
# swiftc's -sanitize-coverage gives the Swift code the counters libFuzzer looks at, so it finds its way through the
# library itself, not only through the programs. libzmq is what the system has. Tests/fuzz/corpus has a few inputs to
# begin with; those with a name once found something.

FUZZ := $(BUILD)/fuzz
FUZZ_LIB := $(FUZZ)/lib
SECONDS ?= 60
FUZZERS := calls admission faults proxies texts keys
FUZZ_PROGRAMS := $(FUZZERS:%=$(FUZZ)/%)
FUZZ_SHARED := Tests/fuzz/oracle.c Tests/fuzz/surroundings.c
FUZZ_SOURCES_calls := Tests/fuzz/bench.c Tests/fuzz/play.c $(wildcard Tests/fuzz/calls_*.c)
FUZZ_SOURCES_admission := $(FUZZ_SOURCES_calls)
FUZZ_SOURCES_faults := $(FUZZ_SOURCES_calls)
FUZZ_SOURCES_proxies := $(FUZZ_SOURCES_calls)
FUZZ_CLOCK := Tests/C/support/monotonic.h
FUZZ_FLAGS := -std=c11 -D_GNU_SOURCE -pthread -O1 -g $(WARNINGS) -Iinclude -ITests/C/support -fsanitize=fuzzer,address -fuse-ld=lld

.PHONY: fuzz

fuzz: $(FUZZERS:%=fuzz-%)

# One after the other, also with make -j.
fuzz-keys: fuzz-texts
fuzz-texts: fuzz-proxies
fuzz-proxies: fuzz-faults
fuzz-faults: fuzz-admission
fuzz-admission: fuzz-calls

fuzz-%: $(FUZZ)/%
	@Tests/fuzz/run $< $(CURDIR)/Tests/fuzz/corpus/$* $(FUZZ) $(SECONDS)

$(FUZZ_PROGRAMS): $(FUZZ)/%: Tests/fuzz/%.c $(wildcard Tests/fuzz/*.[ch]) $(FUZZ_CLOCK) $(FUZZ_LIB)/$(SONAME)
	@echo "building the fuzzer $*"
	@$(SWIFT_CLANG) $(FUZZ_FLAGS) $< $(FUZZ_SHARED) $(FUZZ_SOURCES_$*) -L$(FUZZ_LIB) -Wl,-rpath,$(FUZZ_LIB) \
		-lexperimance_zmq -ldl -o $@

$(FUZZ_LIB)/$(SONAME): $(SWIFT_SOURCES) | $(BUILD)/.have-libzmq
	@echo "building the library for the fuzzers"
	@$(SWIFT) build -c release --sanitize=address --product experimance_zmq --scratch-path $(FUZZ)/build \
		-Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table $(LINK_FLAGS)
	@mkdir -p $(@D)
	@cp $(FUZZ)/build/release/libexperimance_zmq.so $@.new && mv $@.new $@
	@ln -sf $(SONAME) $(FUZZ_LIB)/libexperimance_zmq.so
