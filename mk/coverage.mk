# SPDX-License-Identifier: Apache-2.0
# Line coverage of the Swift sources, from all three test suites together.

COVERAGE := $(BUILD)/coverage
COVERAGE_LIB := $(COVERAGE)/lib
LLVM_COV ?= $(dir $(realpath $(shell command -v $(SWIFT))))llvm-cov
LLVM_PROFDATA ?= $(dir $(realpath $(shell command -v $(SWIFT))))llvm-profdata

.PHONY: coverage

# The C and Python tests find the instrumented library through LD_LIBRARY_PATH and EXPERIMANCE_ZMQ_LIBRARY.
coverage: $(C_TEST_PROGRAMS) $(C_TEST_PEERS) $(MISBEHAVING_PEER) | lib $(PYTHON_TOOLS)
	@echo "building with coverage"
	@$(SWIFT) build --build-tests --enable-code-coverage --scratch-path $(COVERAGE)/build
	@$(SWIFT) build --product experimance_zmq --enable-code-coverage --scratch-path $(COVERAGE)/build $(LINK_FLAGS)
	@rm -rf $(COVERAGE)/profiles && mkdir -p $(COVERAGE)/profiles $(COVERAGE_LIB)
	@cp $(COVERAGE)/build/debug/libexperimance_zmq.so $(COVERAGE_LIB)/$(SONAME)
	@LLVM_PROFILE_FILE=$(COVERAGE)/profiles/swift-%p.profraw Tests/run-swift-tests \
		$(SWIFT) test --skip-build --enable-code-coverage --scratch-path $(COVERAGE)/build
	@cp $(COVERAGE)/build/debug/codecov/*.profraw $(COVERAGE)/profiles/ 2>/dev/null || true
	@LD_LIBRARY_PATH=$(COVERAGE_LIB) LLVM_PROFILE_FILE=$(COVERAGE)/profiles/c-%p.profraw \
		EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) Tests/C/run-tests $(C_TEST_PROGRAMS)
	@cd $(PYTHON_PACKAGE) && LLVM_PROFILE_FILE=$(COVERAGE)/profiles/python-%p.profraw \
		EXPERIMANCE_ZMQ_LIBRARY=$(COVERAGE_LIB)/$(SONAME) EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) \
		$(VENV)/bin/pytest -q
	@$(LLVM_PROFDATA) merge -sparse $(COVERAGE)/profiles/*.profraw -o $(COVERAGE)/merged.profdata
	@$(LLVM_COV) report -instr-profile $(COVERAGE)/merged.profdata \
		$(COVERAGE)/build/debug/experimance-zmqPackageTests.xctest -object $(COVERAGE_LIB)/$(SONAME) \
		-show-region-summary=false -show-branch-summary=false -show-instantiation-summary=false \
		-ignore-filename-regex='(/checkouts/|/Tests/|/Examples/|\.build|<)'
