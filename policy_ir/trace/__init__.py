"""Traces of calls: what was decided over what, what came of it, and how to compute it again.

A trace names its parts (policy, floor, vocabulary, catalogue, state) by fingerprint; each is stored once. The store
needs the extra `policy-ir[router]`.
"""
