# SPDX-License-Identifier: Apache-2.0
# The command line: a package of its own in CommandLine, which needs nothing but libzmq where it runs.

EXZ := $(BUILD)/bin/exz
EXZ_BUILD := $(BUILD)/command-line
EXZ_SWIFT = $(SWIFT) build --package-path CommandLine --scratch-path $(EXZ_BUILD)
# now: what is called elsewhere is looked up at the start, so that the table of it can not be overwritten.
EXZ_RELEASE := -c release --static-swift-stdlib --product exz $(DROP_UNUSED) -Xlinker -z -Xlinker now
EXZ_SOURCES := CommandLine/Package.swift $(shell find CommandLine/Sources -name '*.swift')
# A terminal to look into, and the shells whose completions are read.
EXZ_TEST_NEEDS := tmux zsh fish

.PHONY: exz exz-unit-tests test-exz test-exz-units

exz: $(EXZ)

$(EXZ): $(EXZ_SOURCES) $(SWIFT_SOURCES) $(RUNTIME)/.made | $(BUILD)/.have-libzmq
	@echo "building exz (release)"
	@$(EXZ_SWIFT) $(EXZ_RELEASE)
	@mkdir -p $(@D)
	@strip -o $@.new $$($(EXZ_SWIFT) $(EXZ_RELEASE) --show-bin-path)/exz
	@mv $@.new $@
	@echo "built $@"

# What can be said without a socket, and then the program as a person uses it: in pipes and in a terminal.
test-exz: $(EXZ) test-exz-units | $(BUILD)/.have-exz-test-tools
	@cd Tests/command-line && $(PYTHON) -B run.py $(EXZ)

exz-unit-tests: | $(BUILD)/.have-libzmq
	@$(EXZ_SWIFT) --product exzPackageTests

test-exz-units: exz-unit-tests
	@Tests/run-swift-tests $(SWIFT) test --skip-build --package-path CommandLine --scratch-path $(EXZ_BUILD)

$(BUILD)/.have-exz-test-tools:
	@$(NEED) $(EXZ_TEST_NEEDS)
	@mkdir -p $(@D) && touch $@
