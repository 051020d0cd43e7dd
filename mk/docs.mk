# SPDX-License-Identifier: Apache-2.0
# The site of the documentation: everything that is written, in one place, with search.

DOCS := $(BUILD)/docs
DOCS_SOURCES := $(BUILD)/docs-source
DOCS_VENV := $(BUILD)/docs-venv
DOCS_TOOLS := $(DOCS_VENV)/.have-docs-tools
# Where the site will be on its server: DocC's pages know where they are.
DOCS_PATH ?= /

.PHONY: docs docs-pages docs-swift test-docs

docs: docs-pages docs-swift
	@cd scripts && $(PYTHON) -B -m website.swift_search $(DOCS)
	@echo "the documentation: $(DOCS)/index.html, to be looked at through a web server"

# What MkDocs warns of is an error: a link that leads nowhere, a docstring that says something else than its function.
# (Not with --quiet, where it does not count what it does not say.)
docs-pages: | $(DOCS_TOOLS)
	@cd scripts && $(PYTHON) -B -m website $(DOCS_SOURCES)
	@rm -rf $(DOCS_SOURCES)/site
	@cd $(DOCS_SOURCES) && NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/mkdocs build --strict --site-dir $(DOCS_SOURCES)/site \
		>log 2>&1 || { cat log; exit 1; }
	@mkdir -p $(DOCS) && find $(DOCS) -mindepth 1 -maxdepth 1 ! -name swift -exec rm -rf {} +
	@cp -r $(DOCS_SOURCES)/site/. $(DOCS)

# What DocC has to say about the documentation is an error: a link that leads nowhere, a parameter that is not there.
# Its pages ask for a theme of one's own, and do without.
docs-swift: | $(BUILD)/.have-libzmq
	@mkdir -p $(DOCS)
	@$(SWIFT) package --allow-writing-to-directory $(DOCS) generate-documentation \
		$(DOCUMENTED:%=--target %) --enable-experimental-combined-documentation --warnings-as-errors \
		--transform-for-static-hosting --hosting-base-path $(patsubst /%,%,$(DOCS_PATH))swift \
		--output-path $(DOCS)/swift >$(BUILD)/docc.log 2>&1 || { cat $(BUILD)/docc.log; exit 1; }
	@test -e $(DOCS)/swift/theme-settings.json || echo '{}' >$(DOCS)/swift/theme-settings.json

# In a browser.
test-docs: docs $(BUILD)/.have-browser
	@cd Tests/site && EXZ_SITE=$(DOCS) PYTHONPATH=$(CURDIR)/scripts $(PYTHON) -B -m unittest

$(DOCS_TOOLS): docs/site/requirements.txt
	@$(NEED) $(PYTHON_NEEDS)
	@echo "installing what makes the documentation into $(DOCS_VENV)"
	@$(PYTHON) -m venv $(DOCS_VENV)
	@$(DOCS_VENV)/bin/pip install --quiet --disable-pip-version-check --requirement docs/site/requirements.txt
	@touch $@
