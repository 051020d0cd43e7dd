# SPDX-License-Identifier: Apache-2.0
"""The version of this package. Its first two numbers have to be those of the library."""

__version__ = "0.1.0"
