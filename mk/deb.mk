# SPDX-License-Identifier: Apache-2.0
# Debian packages, from the source archive. The folder is the same each time, as programs remember it.

DEB := $(BUILD)/deb
# What packaging/debian/control asks for to build, what builds packages, and what looks at them.
DEB_NEEDS := dpkg-dev debhelper dh-python fakeroot lintian pybuild-plugin-pyproject python3-all python3-hatchling \
	libstdc++-12-dev

.PHONY: deb test-deb

deb: dist | $(BUILD)/.have-deb-tools
	@scripts/make-deb $(DIST_ARCHIVE) $(DEB)

# Builds them twice, and installs them into a bare Debian: takes half an hour, needs root and a Debian mirror.
test-deb: deb | $(BUILD)/.have-bare-debian
	@Tests/packages/try-deb $(DIST_ARCHIVE) $(DEB)

$(BUILD)/.have-deb-tools: mk/deb.mk
	@$(NEED) $(LIBRARY_NEEDS) $(DEB_NEEDS)
	@mkdir -p $(@D) && touch $@

$(BUILD)/.have-bare-debian:
	@$(NEED) debootstrap
	@mkdir -p $(@D) && touch $@
