# SPDX-License-Identifier: Apache-2.0
"""The reference of the C interface, made from the header: as man pages, and as pages of the site."""
