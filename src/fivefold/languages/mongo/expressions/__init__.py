"""Expressions of the aggregation language (MongoDB 7.0 manual, "Aggregation Operators").

``compile_expression`` turns one into a closure over (document, variables). Families of operators
are one file each, with a table OPERATORS of how each is declared; ``table.py`` joins them.
"""

from fivefold.languages.mongo.expressions.compile import (
    compile_expression,
    compile_term,
    constant_of,
    paths_read,
)
from fivefold.languages.mongo.expressions.terms import VARYING, Evaluate, Scope, Term, Variables

__all__ = [
    "VARYING",
    "Evaluate",
    "Scope",
    "Term",
    "Variables",
    "compile_expression",
    "compile_term",
    "constant_of",
    "paths_read",
]
