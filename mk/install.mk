# SPDX-License-Identifier: Apache-2.0
# The library, its header and a pkg-config file, where compilers look for them. DESTDIR goes before every path, and into
# no file.

PREFIX ?= /usr/local
libdir = $(PREFIX)/lib
includedir = $(PREFIX)/include
datadir = $(PREFIX)/share
INSTALL ?= install

PC_TEMPLATE := mk/experimance_zmq.pc.in
SUPPRESSIONS := share/experimance_zmq/tsan.supp
INSTALLED = $(libdir)/$(SONAME) $(libdir)/libexperimance_zmq.so $(includedir)/$(notdir $(HEADER)) $(INSTALLED_PC) \
	$(INSTALLED_SUPPRESSIONS)
INSTALLED_PC = $(libdir)/pkgconfig/experimance_zmq.pc
INSTALLED_SUPPRESSIONS = $(datadir)/experimance_zmq/$(notdir $(SUPPRESSIONS))
# The header has the version.
VERSION = $(shell sed -nE 's/^\#define EXZ_VERSION_(MAJOR|MINOR|PATCH) +([0-9]+)$$/\2/p' $(HEADER) | paste -sd.)
# As the .pc file has it: relative to its prefix where it can be, so that the folder may be moved.
in-pc = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))

.PHONY: install uninstall

# A relative path would be another one to who reads the .pc file.
install: lib
	$(if $(filter-out /%,$(PREFIX) $(libdir) $(includedir) $(datadir)), \
		$(error PREFIX, libdir, includedir and datadir have to begin with a slash))
	@$(INSTALL) -d '$(DESTDIR)$(libdir)/pkgconfig' '$(DESTDIR)$(includedir)' '$(DESTDIR)$(datadir)/experimance_zmq'
	@$(INSTALL) -m 755 $(LIBRARY) '$(DESTDIR)$(libdir)/$(SONAME)'
	@ln -sf $(SONAME) '$(DESTDIR)$(libdir)/libexperimance_zmq.so'
	@$(INSTALL) -m 644 $(HEADER) '$(DESTDIR)$(includedir)'
	@$(INSTALL) -m 644 $(SUPPRESSIONS) '$(DESTDIR)$(datadir)/experimance_zmq'
	@sed -e 's|@prefix@|$(PREFIX)|' -e 's|@libdir@|$(call in-pc,$(libdir))|' -e 's|@version@|$(VERSION)|' \
		-e 's|@includedir@|$(call in-pc,$(includedir))|' $(PC_TEMPLATE) >'$(DESTDIR)$(INSTALLED_PC)'
	@chmod 644 '$(DESTDIR)$(INSTALLED_PC)'
	@printf 'installed %s\n' $(INSTALLED:%='$(DESTDIR)%')

# Folders stay: others may have something in them.
uninstall:
	@rm -f $(INSTALLED:%='$(DESTDIR)%')
