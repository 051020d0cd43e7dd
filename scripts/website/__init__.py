# SPDX-License-Identifier: Apache-2.0
"""The site of the documentation: what it is made of is put together here, and MkDocs makes pages of it."""
