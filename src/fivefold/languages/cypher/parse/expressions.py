"""Parses expressions by precedence.

Source: the openCypher 9 grammar, "Expression" and below. Low to high: OR, XOR, AND, NOT,
comparison (a chain is the conjunction of its parts), predicates of strings, lists and null, + and
-, * / and %, ^ (from the left), a sign; then properties, indexes and labels.
"""

from __future__ import annotations

from fivefold.languages.cypher import tree
from fivefold.languages.cypher.parse import atoms, labels, literals
from fivefold.languages.cypher.parse.stream import Stream
from fivefold.languages.cypher.parse.tokens import NUMBER
from fivefold.languages.cypher.parse.types import value_type
from fivefold.languages.cypher.tree import Expression, Literal, PatternPredicate
from fivefold.values.graph.faults import fault

OR, XOR, AND, NOT, COMPARE, PREDICATE, ADD, MULTIPLY, POWER, SIGN = range(1, 11)

_LEVELS = {
    "OR": OR, "XOR": XOR, "AND": AND,
    "=": COMPARE, "<>": COMPARE, "!=": COMPARE, "<": COMPARE, "<=": COMPARE, ">": COMPARE,
    ">=": COMPARE,
    "IN": PREDICATE, "STARTS": PREDICATE, "ENDS": PREDICATE, "CONTAINS": PREDICATE,
    "=~": PREDICATE, "IS": PREDICATE, "::": PREDICATE,
    "+": ADD, "-": ADD, "||": ADD, "*": MULTIPLY, "/": MULTIPLY, "%": MULTIPLY, "^": POWER,
}  # fmt: skip
_PREDICATES = {"IN": "in", "CONTAINS": "contains", "=~": "=~"}
_TWO_WORDS = {"STARTS": "starts with", "ENDS": "ends with"}
_NORMAL_FORMS = frozenset({"NFC", "NFD", "NFKC", "NFKD"})
CASE_PREDICATES = frozenset(mark for mark, level in _LEVELS.items() if COMPARE <= level < ADD)
BALANCED_FROM = 8
"""From so many operands on, a chain of AND, OR or XOR becomes a balanced tree, not a deep one."""
CHAIN_MAX = 250
"""Operators in one chain that nests to the left, as ``a + b + c``."""


def expression(s: Stream, level: int = OR) -> Expression:
    """Parse an expression whose operators bind at least as tightly as ``level``."""
    s.deeper()
    mark = s.mark
    if mark == "NOT" and level <= NOT:
        at = s.at
        s.advance()
        left: Expression = tree.Unary("not", _boolean(s, expression(s, NOT)), at)
        tightest = AND
    elif mark == "-" or mark == "+":
        left = _signed(s)
        tightest = POWER
    else:
        left = atoms.operand(s)
        tightest = POWER
    chained = 0
    while True:
        mark = s.mark
        bind = _LEVELS.get(mark)
        if bind is None or not level <= bind <= tightest:
            break
        if bind <= AND:
            left = _joined(s, left, mark, bind)
        elif bind == COMPARE:
            left = _comparison(s, left)
        elif bind == PREDICATE:
            left = _predicate(s, left)
        else:
            at = s.at
            s.advance()
            left = tree.Binary(mark, left, expression(s, bind + 1), at)
        chained += 1
        if chained > CHAIN_MAX:
            s.deeper(s.depth + CHAIN_MAX)
    s.depth -= 1
    return left


def condition(s: Stream) -> Expression:
    """Parse what is true or not: a pattern may stand for itself there."""
    return _boolean(s, expression(s))


def _boolean(s: Stream, found: Expression) -> Expression:
    """Take a bare pattern for a condition."""
    if s.loose and type(found) is PatternPredicate:
        s.loose = [one for one in s.loose if one is not found]
    return found


def _signed(s: Stream) -> Expression:
    at, mark = s.at, s.mark
    s.advance()
    # The smallest integer has no positive counterpart, so a sign is part of the number.
    if mark == "-" and s.mark == NUMBER and s.peek() not in (".", "[", ":"):
        return Literal(literals.number(s, negative=True), at)
    return tree.Unary(mark, expression(s, SIGN), at)


def _joined(s: Stream, left: Expression, mark: str, bind: int) -> Expression:
    """Parse the other operands of AND, OR or XOR."""
    at = s.at
    operands = [_boolean(s, left)]
    while s.mark == mark:
        s.advance()
        operands.append(_boolean(s, expression(s, bind + 1)))
    op = mark.lower()
    if len(operands) >= BALANCED_FROM:
        return _balanced(op, operands, at)
    found = operands[0]
    for operand in operands[1:]:
        found = tree.Binary(op, found, operand, at)
    return found


def _balanced(op: str, operands: list[Expression], at: int) -> Expression:
    if len(operands) == 1:
        return operands[0]
    middle = len(operands) // 2
    left, right = operands[:middle], operands[middle:]
    return tree.Binary(op, _balanced(op, left, at), _balanced(op, right, at), at)


def _comparison(s: Stream, left: Expression) -> Expression:
    start = s.at
    parts: list[Expression] = []
    while _LEVELS.get(s.mark) == COMPARE:
        op, at = s.mark, s.at
        s.advance()
        right = expression(s, PREDICATE)
        parts.append(tree.Binary("<>" if op == "!=" else op, left, right, at))
        left = right
    return _balanced("and", parts, start)


def _predicate(s: Stream, left: Expression) -> Expression:
    mark, at = s.mark, s.at
    s.advance()
    if mark in _PREDICATES:
        return tree.Binary(_PREDICATES[mark], left, expression(s, ADD), at)
    if mark in _TWO_WORDS:
        s.expect("WITH")
        return tree.Binary(_TWO_WORDS[mark], left, expression(s, ADD), at)
    if mark == "::":
        return tree.IsTyped(left, value_type(s), False, at)
    return _is(s, left, at)


def rest_of_predicate(s: Stream, subject: Expression) -> Expression:
    """Parse an operator of ``CASE_PREDICATES`` and what stands right of it."""
    if _LEVELS[s.mark] == PREDICATE:
        return _predicate(s, subject)
    return _comparison(s, subject)


def _is(s: Stream, left: Expression, at: int) -> Expression:
    """Parse what follows IS: null, a type, a normal form, or labels."""
    negated = s.accept("NOT")
    if s.accept("NULL"):
        return tree.IsNull(left, negated, at)
    if s.mark == "::" or s.mark == "TYPED":
        s.advance()
        return tree.IsTyped(left, value_type(s), negated, at)
    form = s.mark if s.mark in _NORMAL_FORMS else None
    if s.mark == "NORMALIZED" or (form is not None and s.peek() == "NORMALIZED"):
        s.go_to(s.index + (2 if form else 1))
        arguments = (left, Literal(form, at)) if form else (left,)
        found = tree.Binary("=", left, tree.Call("normalize", arguments, False, at), at)
        return tree.Unary("not", found, at) if negated else found
    if negated or not (s.is_name() or s.mark in labels.BEGINNINGS):
        raise s.unexpected("NULL", "'::'", "TYPED", "NORMALIZED")
    return tree.HasLabels(left, labels.label_expression(s), at)


def expressions(s: Stream, closing: str) -> tuple[Expression, ...]:
    """Parse any number of expressions with commas between them, and the closing bracket."""
    found: list[Expression] = []
    if s.mark != closing:
        found.append(expression(s))
        while s.accept(","):
            found.append(expression(s))
    if s.mark != closing:
        raise s.unexpected("an expression" if not found else "','", f"'{closing}'")
    s.advance()
    return tuple(found)


def refuse_loose_patterns(s: Stream) -> None:
    """Raise for the first pattern that stands where no condition does."""
    if s.loose:
        raise fault(
            "UnexpectedSyntax",
            "A pattern expression should only be used in order to test the existence of a pattern:"
            " in a condition, or as EXISTS { pattern }. Use a pattern comprehension or COUNT {"
            " pattern } instead",
            at=min(one.at for one in s.loose),
        )
