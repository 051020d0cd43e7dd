# SPDX-License-Identifier: Apache-2.0
# The Swift and the C tests under the thread and the address sanitizer. libzmq is what the system has: not instrumented.

# The compiler that comes with Swift: its sanitizers have the runtime the library was built for.
SWIFT_BIN := $(dir $(realpath $(shell command -v $(SWIFT))))
SWIFT_CLANG ?= $(SWIFT_BIN)clang

.PHONY: sanitize sanitize-thread sanitize-address sanitize-swift-thread sanitize-swift-address sanitize-c-thread \
	sanitize-c-address

sanitize: sanitize-thread sanitize-address

sanitize-thread sanitize-address: sanitize-%: sanitize-swift-% sanitize-c-%

sanitize-swift-thread sanitize-swift-address: sanitize-swift-%: | $(BUILD)/.have-libzmq
	@echo "Swift tests under the $* sanitizer"
	@$(SWIFT) build --build-tests --sanitize=$* --scratch-path $(BUILD)/sanitize-$*
	@LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leaks.supp TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/tsan.supp \
		Tests/run-swift-tests \
		$(SWIFT) test --skip-build --sanitize=$* --scratch-path $(BUILD)/sanitize-$*

# --- the C tests ------------------------------------------------------------------------------------------------------

# Everything takes several times as long, and the combinations of threads get time to go wrong.
SANITIZED_ENVIRONMENT := EXZ_WATCHDOG_SECONDS=300 EXZ_COMBINATION_MS=10000 EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) \
	SWIFT_BACKTRACE=enable=no LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leaks.supp \
	ASAN_OPTIONS=allocator_may_return_null=1 TSAN_OPTIONS=allocator_may_return_null=1:die_after_fork=0

# Left out: what measures the memory of the process, which here is mostly a sanitizer's; what loads the library into a
# host that has no sanitizer; and what forks while other threads are there, as the locks of the thread sanitizer's own
# runtime stay locked in the child.
SANITIZED_address := $(filter-out %/test_close_states %/test_fault_memory %/test_memory %/test_needs %/test_unloading,$(C_TEST_PROGRAMS))
SANITIZED_thread := $(filter-out %/test_fork %/test_forks %/test_fault_forks %/test_proxy_forks %/test_ipc_races\
	%/test_options_sweep,\
	$(SANITIZED_address))

# This runtime wants to know libdispatch.
SWIFT_LIBRARIES := $(SWIFT_BIN)../lib/swift/linux
SANITIZER_NEEDS_thread := -L$(SWIFT_LIBRARIES) -Wl,-rpath,$(SWIFT_LIBRARIES) -Wl,--push-state,--no-as-needed -ldispatch \
	-lBlocksRuntime -Wl,--pop-state
SANITIZER_FLAGS = -fsanitize=$* -fuse-ld=lld -Wno-unused-command-line-argument $(SANITIZER_NEEDS_$*)

sanitize-c-thread sanitize-c-address: sanitize-c-%: $(BUILD)/sanitize-%/.library $(MISBEHAVING_PEER)
	@echo "C tests under the $* sanitizer"
	@$(MAKE) --no-print-directory c-test-programs CC=$(SWIFT_CLANG) C_TEST_EXTRA='$(SANITIZER_FLAGS)' \
		LIB=$(BUILD)/sanitize-$*/lib C_TESTS=$(BUILD)/sanitize-$*/c-tests
	@$(SANITIZED_ENVIRONMENT) Tests/C/run-tests $(SANITIZED_$*:$(C_TESTS)/%=$(BUILD)/sanitize-$*/c-tests/%)

$(BUILD)/sanitize-thread/.library $(BUILD)/sanitize-address/.library: $(BUILD)/sanitize-%/.library: $(SWIFT_SOURCES) \
		| $(BUILD)/.have-libzmq
	@echo "building the library under the $* sanitizer"
	@$(SWIFT) build --sanitize=$* --product experimance_zmq --scratch-path $(BUILD)/sanitize-$* $(LINK_FLAGS)
	@mkdir -p $(BUILD)/sanitize-$*/lib
	@install $(BUILD)/sanitize-$*/debug/libexperimance_zmq.so $(BUILD)/sanitize-$*/lib/$(SONAME)
	@touch $@
