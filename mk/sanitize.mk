# SPDX-License-Identifier: Apache-2.0
# The Swift tests under the thread and the address sanitizer.

.PHONY: sanitize sanitize-thread sanitize-address

sanitize: sanitize-thread sanitize-address

sanitize-thread sanitize-address: sanitize-%: | $(BUILD)/.have-libzmq
	@echo "Swift tests under the $* sanitizer"
	@$(SWIFT) build --build-tests --sanitize=$* --scratch-path $(BUILD)/sanitize-$*
	@LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leaks.supp $(SWIFT) test --skip-build --sanitize=$* --scratch-path $(BUILD)/sanitize-$*
