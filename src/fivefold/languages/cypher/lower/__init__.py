"""Patterns as SQL over a graph's tables, where that is exact.

In order: ``conditions`` says what of a condition SQL can be asked, ``joins`` makes a statement of a
pattern, ``matching`` is the operator that runs it, ``counting`` counts without listing, and
``direct`` answers whole queries.
"""
