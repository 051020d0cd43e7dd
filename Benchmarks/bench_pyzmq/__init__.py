# SPDX-License-Identifier: Apache-2.0
"""Programs that are written with pyzmq, on pyzmq's own backend and on this package."""
