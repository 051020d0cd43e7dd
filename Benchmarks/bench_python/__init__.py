# SPDX-License-Identifier: Apache-2.0
"""The Python package side by side with pyzmq."""
