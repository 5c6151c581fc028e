"""The conformance vectors as their authors wrote them: one module per chapter, with the books that it makes.

A module has a function `books()`. What it leaves out, the expectations above all, is added by `tools/make_vectors.py`.
"""
