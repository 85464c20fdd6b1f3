"""Functions that SQLite lacks, in Python, registered with a connection that needs one.

All names begin with ``ff_``, so that none hides one of SQLite's own. Each function takes and
gives stored forms (values/types.py) and raises fivefold's errors with PostgreSQL's words. Import
them from ``registry``: that takes 30 ms, which a program that only reads keys need not spend.
"""
