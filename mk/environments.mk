# SPDX-License-Identifier: Apache-2.0
# What the library answers where the host limits, denies or disturbs: Tests/environments.

ENVIRONMENTS := $(BUILD)/environments
ENVIRONMENT_SOURCES := Tests/environments/scenario.c Tests/environments/conditions.c

.PHONY: environments test-environments

# All of it, from C and from Python.
environments: $(ENVIRONMENTS)/scenario $(ENVIRONMENTS)/libconditions.so
	@Tests/environments/run $(ENVIRONMENTS)
	@EXPERIMANCE_ZMQ_LIBRARY=$(LIBRARY) PYTHONPATH=$(PYTHON_PACKAGE)/src \
		Tests/environments/run --language python $(ENVIRONMENTS)

# What takes seconds.
test-environments: $(ENVIRONMENTS)/scenario
	@Tests/environments/run --short $(ENVIRONMENTS)

ENVIRONMENT_FLAGS = -std=c11 -D_GNU_SOURCE -pthread -O1 -g $(WARNINGS) -Iinclude

$(ENVIRONMENTS)/scenario: $(ENVIRONMENT_SOURCES) $(wildcard Tests/environments/*.h Tests/environments/*.inc) | lib \
		$(BUILD)/.have-c-test-tools
	@mkdir -p $(@D)
	@cp -f $(LIBRARY) $(ENVIRONMENTS)/copy.so
	@$(CC) $(ENVIRONMENT_FLAGS) $(ENVIRONMENT_SOURCES) -L$(LIB) -Wl,-rpath,$(LIB) -lexperimance_zmq -ldl -o $@

$(ENVIRONMENTS)/libconditions.so: Tests/environments/conditions.c $(wildcard Tests/environments/*.h Tests/environments/*.inc) \
		| lib $(BUILD)/.have-c-test-tools
	@mkdir -p $(@D)
	@$(CC) $(ENVIRONMENT_FLAGS) -shared -fPIC Tests/environments/conditions.c -o $@
