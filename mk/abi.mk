# SPDX-License-Identifier: Apache-2.0
# Whether programs that were built with an older header still fit, and that the check finds it when they do not.

.PHONY: abi lint-abi

# What there is now, stored: a decision, and CONTRIBUTING.md says which.
abi: lib | $(BUILD)/.have-abi-tools
	@scripts/check-abi --store

lint-abi: lib | $(BUILD)/.have-abi-tools
	@scripts/check-abi --library $(LIBRARY)
	@cd Tests/abi && $(PYTHON) -B -m unittest

$(BUILD)/.have-abi-tools:
	@$(NEED) abigail-tools gcc libc6-dev python3
	@mkdir -p $(@D) && touch $@
