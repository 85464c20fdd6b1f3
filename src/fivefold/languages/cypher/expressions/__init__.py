"""Expressions: a tree becomes a closure over (row, run).

``compile_expression`` does it. Each sort of expression is compiled in a file of its own with a
table COMPILE, node's class → function; ``compile.py`` joins the tables. Nothing of an execution
stays in what is compiled.

Source: openCypher 9, "Expressions"; for what goes beyond it the Cypher Manual, version 5.
"""

from fivefold.languages.cypher.expressions.compile import compile_expression
from fivefold.languages.cypher.expressions.compiler import Compiler, Constant, Evaluate

__all__ = ["Compiler", "Constant", "Evaluate", "compile_expression"]
