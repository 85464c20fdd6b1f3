"""Bound trees back to PostgreSQL's text, one handler per class of nodes.

A bound tree is PostgreSQL's own dialect, so each node is written as it stands. What a printer has
to see to: constants and parameters say their type, so that PostgreSQL's own resolution finds what
the binder found; calls keep the form that PostgreSQL's grammar asks for; a bare number in ORDER BY
or GROUP BY would be read as the number of a column. A node without a handler is Unsupported.
"""

from fivefold.stores.postgres.render.entry import render, uses_sequences

__all__ = ["render", "uses_sequences"]
