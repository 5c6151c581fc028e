"""Decisions for people: the answer gathered from a decision, in words and as one HTML page."""
