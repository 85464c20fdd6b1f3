"""From a bound tree in the PostgreSQL dialect to SQLite text that means the same.

``writer`` writes text, one handler per node class, found in ``tables.HANDLERS``; what SQLite lacks
(DISTINCT ON, DELETE USING, …) its handler writes another way. A node without a handler is
Unsupported: nothing is ever passed through unseen.

Three things decide most handlers. *Types*: the binder left them in ``node.meta["type"]``; they
choose between SQLite's own operator and a function of ``stores/sqlite/functions``. *Collations*:
numeric, interval, jsonb and arrays lie as text and compare by a collation, which is written out
wherever values are compared, since SQLite would lose it behind an expression. *Checks*:
SQLite's integers turn into floats where they overflow and its division by zero is a null, so
arithmetic is watched by native CASE expressions as long as these stay short.
"""

from fivefold.stores.sqlite.render.entry import prepare, render, render_expression

__all__ = ["prepare", "render", "render_expression"]
