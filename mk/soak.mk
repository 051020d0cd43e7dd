# SPDX-License-Identifier: Apache-2.0
# Ten times what `make test` does: sockets and contexts closed in everything they can be in the middle of. One minute.

SOAK_ROUNDS ?= 10000

.PHONY: soak

soak: $(C_TESTS)/test_close_states $(C_TEST_PEERS) $(MISBEHAVING_PEER) | lib
	@EXZ_MISBEHAVING_PEER=$(MISBEHAVING_PEER) EXZ_SOAK_ROUNDS=$(SOAK_ROUNDS) EXZ_WATCHDOG_SECONDS=1800 \
		$(C_TESTS)/test_close_states
