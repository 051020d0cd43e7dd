# SPDX-License-Identifier: Apache-2.0
# What `make test` does with fewer rounds: closing in everything a socket can be in the middle of. Takes a minute.

SOAK_ROUNDS ?= 10000

.PHONY: soak-closes

soak-closes: $(C_TESTS)/test_close_states $(C_TEST_PEERS) $(MISBEHAVING_PEER) | lib
	@EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) EXZ_SOAK_ROUNDS=$(SOAK_ROUNDS) EXZ_WATCHDOG_SECONDS=1800 \
		$(C_TESTS)/test_close_states
