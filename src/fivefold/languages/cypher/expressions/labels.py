"""Label expressions: conditions over the labels of a node, or over a relationship's type."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fivefold.languages.cypher import tree

Test = Callable[[Collection[str]], bool]


def compile_labels(labels: tree.Labels) -> Test:
    """Return whether labels satisfy the expression; of a relationship they are its one type."""
    match labels:
        case tree.Label(name=name):
            return lambda found: name in found
        case tree.AnyLabel():
            return bool
        case tree.LabelNot(operand=operand):
            test = compile_labels(operand)
            return lambda found: not test(found)
        case tree.LabelAnd(operands=operands):
            tests = [compile_labels(one) for one in operands]
            return lambda found: all(test(found) for test in tests)
        case tree.LabelOr(operands=operands):
            tests = [compile_labels(one) for one in operands]
            return lambda found: any(test(found) for test in tests)
    raise AssertionError(labels)
