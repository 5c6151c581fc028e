"""Mutation testing of the core: by the conformance vectors alone, then by the tests. See docs/reference/mutation.md."""
