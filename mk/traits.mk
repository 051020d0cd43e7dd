# SPDX-License-Identifier: Apache-2.0
# What the traits of the Swift package add: built beside everything else, as the library never has them.

TRAITS := $(BUILD)/traits

.PHONY: traits test-traits

traits: | $(BUILD)/.have-libzmq
	@$(SWIFT) build --build-tests --enable-all-traits --scratch-path $(TRAITS)

test-traits: traits
	@echo "Swift tests of the traits"
	@Tests/run-swift-tests $(SWIFT) test --skip-build --enable-all-traits --scratch-path $(TRAITS) --filter $(TRAIT_SUITES)

# The suites that are there with a trait alone.
TRAIT_SUITES := '(Service|Metrics|Tracing|Configuration)Tests'
