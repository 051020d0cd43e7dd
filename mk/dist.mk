# SPDX-License-Identifier: Apache-2.0
# A source archive that builds without git and network.

DIST := $(BUILD)/dist
DIST_ARCHIVE = $(DIST)/experimance-zmq-$(VERSION).tar.gz

.PHONY: dist test-dist

# The command line's checkouts have what the library needs, too.
dist: | $(BUILD)/.have-dist-tools
	@$(SWIFT) package --package-path CommandLine --scratch-path $(EXZ_BUILD) resolve
	@scripts/make-dist $(VERSION) $(EXZ_BUILD)/checkouts $(DIST)

test-dist: dist | $(BUILD)/.have-libzmq
	@Tests/packages/try-dist $(DIST_ARCHIVE) $(EXZ_BUILD)/checkouts

$(BUILD)/.have-dist-tools:
	@$(NEED) git tar gzip
	@mkdir -p $(@D) && touch $@
