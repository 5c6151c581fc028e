"""Generators of terms, catalogues, facts and wrong input for property tests; needs Hypothesis.

Everything is derived from the signature and the vocabulary, so a new operation or field appears by itself. Import
`policy_ir.testing.strategies`; implementers of the language in Python can use it too.
"""
