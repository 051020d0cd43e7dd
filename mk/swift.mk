# SPDX-License-Identifier: Apache-2.0
# The Swift sources: tests, formatting.

.PHONY: test-swift lint-swift lint-docs format

test-swift: | $(BUILD)/.have-libzmq
	@echo "Swift tests"
	@scripts/without-warnings $(SWIFT) build --build-tests
	@Tests/run-swift-tests $(SWIFT) test --skip-build

$(MISBEHAVING_PEER): $(wildcard Sources/ExperimanceZMQTesting/*.swift Tests/misbehaving-peer/*.swift) | $(BUILD)/.have-libzmq
	@$(SWIFT) build --product misbehaving-peer
	@touch $@

lint-swift:
	@$(SWIFT) format lint --strict --parallel --recursive Sources Tests Examples Benchmarks/swift CommandLine Package.swift
	@echo "swift format: clean"

# The modules that packages of users import.
DOCUMENTED := ExperimanceZMQ ExperimanceZMQTesting

# What DocC has to say about the documentation is an error: a link that leads nowhere, a parameter that is not there.
lint-docs: | $(BUILD)/.have-libzmq
	@for target in $(DOCUMENTED); do \
		$(SWIFT) package generate-documentation --target $$target --warnings-as-errors > $(BUILD)/docc.log 2>&1 \
			|| { cat $(BUILD)/docc.log; exit 1; }; done
	@echo "DocC: clean"

format:
	@$(SWIFT) format --in-place --parallel --recursive Sources Tests Examples Benchmarks/swift CommandLine Package.swift
