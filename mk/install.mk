# SPDX-License-Identifier: Apache-2.0
# exz, the library, its header, a pkg-config file, files for CMake and man pages, where shells, compilers and man(1)
# look for them. DESTDIR goes before every path, and into no file.

PREFIX ?= /usr/local
bindir = $(PREFIX)/bin
libdir = $(PREFIX)/lib
includedir = $(PREFIX)/include
datadir = $(PREFIX)/share
mandir = $(datadir)/man
INSTALL ?= install

PC_TEMPLATE := mk/experimance_zmq.pc.in
CMAKE_TEMPLATES := $(wildcard mk/cmake/*.cmake.in)
SUPPRESSIONS := share/experimance_zmq/tsan.supp
INSTALLED = $(bindir)/exz $(libdir)/$(SONAME) $(libdir)/libexperimance_zmq.so $(includedir)/$(notdir $(HEADER)) \
	$(INSTALLED_PC) $(INSTALLED_CMAKE) $(INSTALLED_SUPPRESSIONS)
INSTALLED_PC = $(libdir)/pkgconfig/experimance_zmq.pc
cmakedir = $(libdir)/cmake/ExperimanceZMQ
INSTALLED_CMAKE = $(CMAKE_TEMPLATES:mk/cmake/%.in=$(cmakedir)/%)
INSTALLED_SUPPRESSIONS = $(datadir)/experimance_zmq/$(notdir $(SUPPRESSIONS))
# The header has the version.
VERSION = $(shell sed -nE 's/^\#define EXZ_VERSION_(MAJOR|MINOR|PATCH) +([0-9]+)$$/\2/p' $(HEADER) | paste -sd.)
# As the .pc file has it: relative to its prefix where it can be, so that the folder may be moved.
in-pc = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
# As the files for CMake have it: where both are in the prefix, as the way from the ones to the other.
in-cmake = $(if $(and $(filter $(PREFIX)/%,$(1)),$(filter $(PREFIX)/%,$(cmakedir))),$(shell realpath -ms \
	--relative-to='$(cmakedir)' '$(1)'),$(1))
in-template = sed -e 's|@prefix@|$(PREFIX)|' -e 's|@libdir@|$(call in-pc,$(libdir))|' -e 's|@version@|$(VERSION)|' \
	-e 's|@soname@|$(SONAME)|'

# A page for each function and each type, and what leads there from every other name; and one for each command of exz.
MAN := $(BUILD)/man
MAN_NAMES := $(MAN)/names
EXZ_MAN_NAMES := $(MAN)/names-of-commands
REFERENCE := cd $(CURDIR)/scripts && $(PYTHON) -B -m reference

.PHONY: install uninstall man

man: $(MAN_NAMES) $(EXZ_MAN_NAMES)
	@echo "man pages: man -M $(MAN) exz_socket_connect; man -M $(MAN) exz"

$(MAN_NAMES): $(HEADER) scripts/header.py $(wildcard scripts/reference/*.py) | $(BUILD)/.have-python
	@rm -rf $(MAN)/man3 && mkdir -p $(MAN)
	@$(REFERENCE) man $(MAN)/man3 >$@.new && mv $@.new $@

$(EXZ_MAN_NAMES): $(EXZ) $(HEADER) $(wildcard scripts/reference/*.py) | $(BUILD)/.have-python
	@rm -rf $(MAN)/man1 && mkdir -p $(MAN)
	@$(EXZ) --experimental-dump-help >$(MAN)/help-of-exz.json
	@$(REFERENCE) commands $(MAN)/man1 <$(MAN)/help-of-exz.json >$@.new && mv $@.new $@

$(BUILD)/.have-python:
	@command -v $(PYTHON) >/dev/null || $(NEED) python3
	@mkdir -p $(@D) && touch $@

# A relative path would be another one to who reads the .pc file.
install: lib exz $(MAN_NAMES) $(EXZ_MAN_NAMES)
	$(if $(filter-out /%,$(PREFIX) $(bindir) $(libdir) $(includedir) $(datadir) $(mandir)), \
		$(error PREFIX, bindir, libdir, includedir, datadir and mandir have to begin with a slash))
	@$(INSTALL) -d '$(DESTDIR)$(mandir)/man1' '$(DESTDIR)$(mandir)/man3' '$(DESTDIR)$(libdir)/pkgconfig' \
		'$(DESTDIR)$(cmakedir)' '$(DESTDIR)$(includedir)' '$(DESTDIR)$(datadir)/experimance_zmq' '$(DESTDIR)$(bindir)'
	@$(INSTALL) -m 755 $(EXZ) '$(DESTDIR)$(bindir)'
	@$(INSTALL) -m 755 $(LIBRARY) '$(DESTDIR)$(libdir)/$(SONAME)'
	@ln -sf $(SONAME) '$(DESTDIR)$(libdir)/libexperimance_zmq.so'
	@$(INSTALL) -m 644 $(HEADER) '$(DESTDIR)$(includedir)'
	@$(INSTALL) -m 644 $(SUPPRESSIONS) '$(DESTDIR)$(datadir)/experimance_zmq'
	@$(INSTALL) -m 644 $(MAN)/man1/* '$(DESTDIR)$(mandir)/man1'
	@$(INSTALL) -m 644 $(MAN)/man3/* '$(DESTDIR)$(mandir)/man3'
	@$(in-template) -e 's|@includedir@|$(call in-pc,$(includedir))|' $(PC_TEMPLATE) >'$(DESTDIR)$(INSTALLED_PC)'
	@$(foreach template,$(CMAKE_TEMPLATES),$(in-template) -e 's|@includedir@|$(call in-cmake,$(includedir))|' $(template) \
		>'$(DESTDIR)$(cmakedir)/$(notdir $(template:.in=))' &&) true
	@chmod 644 $(foreach file,$(INSTALLED_PC) $(INSTALLED_CMAKE),'$(DESTDIR)$(file)')
	@printf 'installed %s\n' $(INSTALLED:%='$(DESTDIR)%') "$$(cat $(MAN_NAMES) $(EXZ_MAN_NAMES) | wc -l) man pages"

# Folders stay: others may have something in them. The pages of exz go by how their names begin: to know which there
# are it would have to be built.
uninstall: $(MAN_NAMES)
	@rm -f $(INSTALLED:%='$(DESTDIR)%')
	@sed "s|^|$(DESTDIR)$(mandir)/man3/|" $(MAN_NAMES) | xargs -d '\n' rm -f
	@rm -f '$(DESTDIR)$(mandir)/man1/exz.1' '$(DESTDIR)$(mandir)/man1'/exz-*.1
