"""The benchmark of the evaluator: three policies over 10 to 20,000 candidates, against what one could write by hand.

`make bench` runs it; `python -m bench --help` says what can be left out.
"""
