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

lint-docs: docs-swift
	@echo "DocC: clean"

format:
	@$(SWIFT) format --in-place --parallel --recursive Sources Tests Examples Benchmarks/swift CommandLine Package.swift
