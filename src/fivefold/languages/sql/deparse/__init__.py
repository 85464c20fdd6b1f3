"""Prints what the catalog holds as text, exactly as PostgreSQL 15 prints it.

The catalog keeps expressions and queries as they were written. To print one it is bound again,
*faithfully* (bind/state.py): views are not put in place, casts nobody wrote are marked. Then
translate.py makes of the bound tree what PostgreSQL has in its own (shapes.py), and
expressions.py and queries.py print that by its rules: which parentheses, casts, aliases and line
breaks there are. definitions.py is the door.
"""

from fivefold.languages.sql.deparse.definitions import (
    column_default as column_default,
)
from fivefold.languages.sql.deparse.definitions import (
    constraint_definition as constraint_definition,
)
from fivefold.languages.sql.deparse.definitions import (
    expression as expression,
)
from fivefold.languages.sql.deparse.definitions import (
    index_definition as index_definition,
)
from fivefold.languages.sql.deparse.definitions import (
    view_definition as view_definition,
)
