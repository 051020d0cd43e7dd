# SPDX-License-Identifier: Apache-2.0
#
#   make             the library, into .build/lib
#   make exz         the command line, into .build/bin
#   make install     exz, the library, its header, files for pkg-config and CMake, man pages; make uninstall
#   make man         a man page for each function and each command of exz, into .build/man
#   make docs        all documentation as one site, with search, into .build/docs
#   make demo        what a newcomer runs first
#   make test        every test: Swift, C, Python, and what the README says
#   make test-pyzmq  pyzmq's own tests, and programs written with it, on this package: a part of make test
#   make bench       measured against plain libzmq; bench-swift: Swift; bench-python: against pyzmq
#   make bench-pyzmq  programs written with pyzmq, with its own backend and on this package
#   make bench-faults  what a fault proxy costs
#   make soak        numbered messages through faults for MINUTES=60, and what became of each
#   make soak-closes  ten thousand closes, and what they leave behind
#   make matrix      every operation with every peer through every door, as a table and as a page
#   make herd        a thousand clients whose server dies and comes back, drawn
#   make wheel       the Python package with everything it needs, into .build/wheel
#   make dist        a source archive that builds without git and network; test-dist does so
#   make deb         Debian packages from it; test-deb has a bare Debian install, use and purge them
#   make coverage    line coverage of the Swift sources
#   make sanitize    the tests in Swift and C under the thread and the address sanitizer
#   make fuzz        misuse by the million, for SECONDS=60 each
#   make lint        formatting and static checks
#   make generate    what is made from the header: the declarations in Python, the list of exports
#   make abi         stores what programs are built against, once it is decided
#   make clean       removes everything that was built

.DEFAULT_GOAL := lib
SHELL := /bin/bash

SWIFT ?= swift
CC ?= cc
# Swift takes its own compiler for the few lines of C beside the Swift sources, unless it finds another in there.
unexport CC CXX
CXX ?= c++
PYTHON ?= python3

BUILD := $(CURDIR)/.build
LIB := $(BUILD)/lib
SONAME := libexperimance_zmq.so.0
LIBRARY := $(LIB)/$(SONAME)
HEADER := include/experimance_zmq.h
EXPORTS := Sources/ExperimanceZMQABI/exports.map
SWIFT_SOURCES := Package.swift $(shell find Sources include -name '*.swift' -o -name '*.[ch]' -o -name '*.modulemap' -o -name '*.map')
# What the tests, built for debugging, check is not checked again for every message: the compiler's run-time search for
# overlapping accesses costs a sixth of a round trip's instructions, and would end the process. Debug information of C
# in the form that Swift's has: valgrind can not read two in one library.
RELEASE_FLAGS := -Xswiftc -static-stdlib -Xswiftc -enforce-exclusivity=unchecked -Xcc -gdwarf-4
# The linker drops what nothing uses of our modules and of Swift's (What its size is made of, in docs/architecture.md):
# each function in a section of its own, and none of them kept for who might ask for it by its name.
RUNTIME := $(BUILD)/runtime
DROP_UNUSED := -Xswiftc -resource-dir -Xswiftc $(RUNTIME)
DROP_UNUSED += $(foreach flag,-function-sections -internalize-at-link,-Xswiftc -Xfrontend -Xswiftc $(flag))
RELEASE_FLAGS += $(DROP_UNUSED)
# What the library puts in front of the functions of its own Swift runtime, so that no fork finds their locks taken.
RELEASE_FLAGS += -Xcc -DCLINUX_HAS_OWN_RUNTIME
RELEASE_FLAGS += $(shell sed -n 's/^IN_FRONT_OF(\(.*\))$$/-Xlinker --wrap=\1/p' Sources/CLinux/runtime_gate.c)
# nodelete: dlclose() must not take the code away from under threads that end a moment later, their own and the host's.
LINK_FLAGS := -Xlinker --version-script=$(CURDIR)/$(EXPORTS) -Xlinker -soname=$(SONAME) -Xlinker -z -Xlinker nodelete
VENV := $(BUILD)/venv
PYTHON_PACKAGE := bindings/python
PYTHON_TOOLS := $(VENV)/.have-python-tools
WARNINGS := -Wall -Wextra -Wpedantic -Werror
NEED := scripts/need-packages

.PHONY: lib test test-tools lint lint-generated lint-lengths lint-arrows generate clean

# --- the library -----------------------------------------------------------------------------------------------------

lib: $(LIB)/libexperimance_zmq.so

$(LIB)/libexperimance_zmq.so: $(LIBRARY)
	@ln -sf $(SONAME) $@
	@echo "built $@"

$(LIBRARY): $(SWIFT_SOURCES) $(RUNTIME)/.made | $(BUILD)/.have-libzmq
	@echo "building the library (release)"
	@$(SWIFT) build -c release --product experimance_zmq $(RELEASE_FLAGS) $(LINK_FLAGS)
	@mkdir -p $(LIB)
	@strip --strip-unneeded -o $@.new $$($(SWIFT) build -c release --show-bin-path)/libexperimance_zmq.so
	@mv $@.new $@

# Another compiler has other static libraries: make clean.
$(RUNTIME)/.made: scripts/clear-retain | $(BUILD)/.have-python
	@rm -rf $(@D)
	@scripts/clear-retain "$$($(SWIFT) -print-target-info -static-stdlib | \
		sed -nE 's/.*"runtimeResourcePath": "(.*)".*/\1/p')" $(@D)
	@touch $@

# --- what has to be installed -----------------------------------------------------------------------------------------

# ip and iptables cut a network of their own for the tests of liveness; czmq writes key files, reads ours, and is a
# peer; with libsodium a test speaks CURVE by itself.
LIBRARY_NEEDS := libzmq3-dev pkg-config binutils
C_TEST_NEEDS := libcmocka-dev libczmq-dev libsodium-dev gcc g++ libc6-dev iproute2 iptables
PYTHON_NEEDS = $(shell $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || echo python3 python3-venv)

$(BUILD)/.have-libzmq:
	@$(NEED) $(LIBRARY_NEEDS)
	@mkdir -p $(@D) && touch $@

$(BUILD)/.have-c-test-tools:
	@$(NEED) $(C_TEST_NEEDS)
	@mkdir -p $(@D) && touch $@

# --- everything else --------------------------------------------------------------------------------------------------

# A server that misbehaves, for the tests in C and Python.
MISBEHAVING_PEER := $(BUILD)/debug/misbehaving-peer

include mk/*.mk

# Everything that has to be fetched is there before the first test runs, also with make -j.
test: test-tools
	@$(MAKE) --no-print-directory $(PYTHON_TOOLS) $(HAVE_PYZMQ) lib
	@scripts/meanwhile $(MAKE) --no-print-directory $(BUILT_MEANWHILE) -- \
		$(MAKE) --no-print-directory test-swift test-c test-herd test-python test-ledger test-interop test-pyzmq
	@$(MAKE) --no-print-directory test-readme test-environments test-matrix test-exz test-traits

# What compilers need minutes and mostly one core for, each in a folder of its own: built while other tests are run,
# which mostly wait.
BUILT_MEANWHILE := exz exz-unit-tests traits

# What all of the tests need, so that who may not install packages is told of everything at once.
test-tools:
	@$(NEED) $(LIBRARY_NEEDS) $(C_TEST_NEEDS) $(PYTHON_NEEDS) $(EXZ_TEST_NEEDS) $(README_TEST_NEEDS)

lint: lint-swift lint-docs lint-python lint-generated lint-lengths lint-arrows lint-abi

# What is made from the header.
lint-generated:
	@$(PYTHON) -B scripts/generate.py --check

generate:
	@$(PYTHON) -B scripts/generate.py

lint-lengths:
	@scripts/check-lengths

# Who uses whom among the Swift sources, and that an arrow that is not allowed is found.
lint-arrows:
	@$(PYTHON) -B scripts/check-arrows
	@cd Tests/arrows && $(PYTHON) -B -m unittest

clean:
	rm -rf $(BUILD)
