"""Turns a faithfully bound tree (see bind/state.py) into the shapes that the printer knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivefold.errors import Unsupported
from fivefold.languages.sql.bind.casts import bare
from fivefold.languages.sql.bind.state import Context
from fivefold.languages.sql.deparse import shapes
from fivefold.languages.sql.deparse.names import Level, relation_name
from fivefold.languages.sql.deparse.shapes import Shape
from fivefold.languages.sql.signatures import Form, Function, Operator, Pseudo
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.values.text import output
from fivefold.values.types import (
    DATETIMES,
    FLOATS,
    INTEGERS,
    NUMBERS,
    REGCLASS,
    TEXTS,
    UNKNOWN,
    Kind,
    Type,
)

_SYMBOLS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.Pow: "^",
    exp.DPipe: "||", exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "#",
    exp.BitwiseLeftShift: "<<", exp.BitwiseRightShift: ">>", exp.Like: "~~", exp.ILike: "~~*",
    exp.SimilarTo: "~", exp.Neg: "-", exp.BitwiseNot: "~",
}  # fmt: skip
_NEGATED = {"~~": "!~~", "~~*": "!~~*", "~": "!~", "=": "<>"}
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_MOMENTS = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})
# PostgreSQL has operators of its own over two types of one family, so it needs no cast there.
_FAMILIES: tuple[tuple[frozenset[Kind], frozenset[str]], ...] = (
    (INTEGERS, _COMPARISONS | {"+", "-", "*", "/"}),
    (FLOATS, _COMPARISONS | {"+", "-", "*", "/"}),
    (_MOMENTS, _COMPARISONS),
    (frozenset({Kind.NAME, Kind.TEXT}), _COMPARISONS),
)
_WORDS = frozenset(
    [
        "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
        "current_role", "current_user", "session_user", "user", "current_catalog",
        "current_schema",
    ]
)  # fmt: skip


class Translator:
    """Translates the expressions of one query; ``level`` knows its sources."""

    def __init__(self, context: Context, level: Level | None) -> None:
        self.context = context
        self.level = level

    def shape(self, node: exp.Expr) -> Shape:
        """Return an expression's shape."""
        merged = node.meta.get("merged")
        if merged is not None:
            return shapes.Var(None, merged)
        translate = _SHAPES.get(type(node))
        if translate is None:
            raise Unsupported(f"printing {node.key} is not supported")
        return translate(self, node)

    def every(self, nodes: list[Any]) -> tuple[Shape, ...]:
        return tuple(self.shape(node) for node in nodes)

    # -- leaves --------------------------------------------------------------------------------

    def column(self, node: exp.Column) -> Shape:
        name = node.meta.get("name", node.name)
        if self.level is None or not node.table:
            return shapes.Var(None, name)
        return shapes.Var(self.level.find(node.meta["scope"], node.table), name)

    def literal(self, node: exp.Literal) -> Shape:
        type_ = type_of(node)
        written = node.meta.get("written")
        if written is not None:
            implicit = bool(node.meta.get("implicit"))
            return shapes.Cast(self.shape(written), type_, implicit, True)
        relation = node.meta.get("relation")
        if relation is not None:
            return shapes.Const(relation_name(self.context, *relation), REGCLASS)
        if "qualified" in node.meta:
            return shapes.Const(self.named(type_, int(node.this)), type_)
        value: Any = node.this
        if type_.kind in FLOATS and not node.is_string:
            value = float(value)
        return shapes.Const(self.output(type_)(value), type_)

    def named(self, type_: Type, oid: int) -> str:
        """Return what a regtype, regnamespace … shows for its oid."""
        from fivefold.languages.sql.system.catalog import system_for

        context = self.context
        system = system_for(context.catalog, context.database, context.user)
        return system.name_of(type_.kind.value, oid, context.search_path)

    def output(self, type_: Type) -> Callable[[Any], str]:
        return output(type_, zone=self.context.zone)

    def boolean(self, node: exp.Boolean) -> Shape:
        return shapes.Const("true" if node.this else "false", type_of(node))

    def bytes(self, node: exp.HexString) -> Shape:
        return shapes.Const("\\x" + node.this, type_of(node))

    def null(self, node: exp.Null) -> Shape:
        return shapes.Const(None, type_of(node))

    # -- operators -----------------------------------------------------------------------------

    def paren(self, node: exp.Paren) -> Shape:
        inner = self.shape(node.this)
        collation = node.meta.get("collation")
        return inner if collation is None else shapes.Collate(inner, collation)

    def binary(self, node: exp.Binary) -> Shape:
        symbol = _SYMBOLS[type(node)]
        right = node.expression
        if isinstance(right, exp.Any | exp.All):
            return self.quantified(symbol, node.this, right)
        if isinstance(node.this, exp.Tuple):
            return self.rows(symbol, node.this, right)
        if isinstance(node, exp.SimilarTo):
            escaped = shapes.Call("similar_to_escape", (self.shape(right),))
            return shapes.Operator(symbol, (self.shape(node.this), escaped))
        return shapes.Operator(symbol, self.operands(symbol, [node.this, right]))

    def operands(self, symbol: str, nodes: list[exp.Expr]) -> tuple[Shape, ...]:
        """Return operands without the casts that PostgreSQL's operator does not need."""
        written = [_uncast(node) for node in nodes]
        kinds = {type_of(node).kind for node in written}
        return self.every(written if _has_own(symbol, kinds) else nodes)

    def quantified(self, symbol: str, left: exp.Expr, right: exp.Expr) -> Shape:
        every = isinstance(right, exp.All)
        array = right.this
        if isinstance(array, exp.Subquery):
            kind = "ALL" if every else "ANY"
            return shapes.Sublink(
                kind, array.this, self.compared(symbol, [left], array.this), symbol
            )
        element = type_of(_uncast(array)).element
        if element is not None and _has_own(symbol, {type_of(_uncast(left)).kind, element.kind}):
            left, array = _uncast(left), _uncast(array)
        return shapes.ArrayOperator(symbol, self.shape(left), self.shape(array), every)

    def general(self, node: exp.Quantified) -> Shape:
        """Return ANY or ALL with an operator that stores know as a function."""
        inner = node.this
        while isinstance(inner, exp.Not | exp.Paren):
            inner = inner.this
        left = inner.this if isinstance(inner, exp.Binary) else inner.expressions[0]
        kind = exp.All if node.args["every"] else exp.Any
        return self.quantified(node.args["op"], left, kind(this=node.expression))

    def compared(self, symbol: str, nodes: list[Any], query: exp.Expr) -> tuple[Shape, ...]:
        """Return what is compared with a query's outputs."""
        made = []
        for node, type_ in zip(nodes, _output_types(query), strict=True):
            written = _uncast(node)
            own = _has_own(symbol, {type_of(written).kind, type_.kind})
            made.append(self.shape(written if own else node))
        return tuple(made)

    def rows(self, symbol: str, left: exp.Tuple, right: exp.Expr) -> Shape:
        if isinstance(right, exp.Subquery):
            members = self.compared(symbol, left.expressions, right.this)
            return shapes.Sublink("ROW", right.this, members, symbol)
        pairs = [
            self.operands(symbol, [one, other])
            for one, other in zip(left.expressions, right.expressions, strict=True)
        ]
        lefts, rights = zip(*pairs, strict=True)
        return shapes.RowCompare(symbol, lefts, rights)

    def unary(self, node: exp.Unary) -> Shape:
        return shapes.Operator(_SYMBOLS[type(node)], (self.shape(node.this),))

    def escape(self, node: exp.Escape) -> Shape:
        match = node.this
        negated = False
        while isinstance(match, exp.Not | exp.Paren):
            negated = negated or isinstance(match, exp.Not)
            match = match.this
        name = "similar_to_escape" if isinstance(match, exp.SimilarTo) else "like_escape"
        pattern = shapes.Call(name, self.every([match.expression, node.expression]))
        symbol = _SYMBOLS[type(match)]
        symbol = _NEGATED[symbol] if negated else symbol
        return shapes.Operator(symbol, (self.shape(match.this), pattern))

    def logic(self, node: exp.And | exp.Or) -> Shape:
        parts: list[exp.Expr] = []
        left: exp.Expr = node
        while type(left) is type(node):
            parts.insert(0, left.expression)
            left = left.this
        word = "AND" if isinstance(node, exp.And) else "OR"
        return shapes.Logic(word, self.every([left, *parts]))

    def negation(self, node: exp.Not) -> Shape:
        inner = self.shape(node.this)
        if not node.meta.get("negated"):
            return shapes.Logic("NOT", (inner,))
        if isinstance(inner, shapes.Test):
            words = "NOT " + inner.words
            return shapes.Test(inner.argument, words, inner.truth)
        if isinstance(inner, shapes.Operator) and inner.symbol in _NEGATED:
            return shapes.Operator(_NEGATED[inner.symbol], inner.arguments)
        if isinstance(_unwrapped(node.this), exp.Between) and isinstance(inner, shapes.Logic):
            low, high = (part for part in inner.arguments if isinstance(part, shapes.Operator))
            parts = (
                shapes.Operator("<", low.arguments),
                shapes.Operator(">", high.arguments),
            )
            return shapes.Logic("OR", parts)
        return shapes.Logic("NOT", (inner,))

    def between(self, node: exp.Between) -> Shape:
        low, high = node.args["low"], node.args["high"]
        parts = (
            shapes.Operator(">=", self.operands(">=", [node.this, low])),
            shapes.Operator("<=", self.operands("<=", [node.this, high])),
        )
        return shapes.Logic("AND", parts)

    def same(self, node: exp.NullSafeEQ) -> Shape:
        left, right = self.operands("=", [node.this, node.expression])
        return shapes.Logic("NOT", (shapes.Distinct(left, right),))

    def different(self, node: exp.NullSafeNEQ) -> Shape:
        left, right = self.operands("=", [node.this, node.expression])
        return shapes.Distinct(left, right)

    def test(self, node: exp.Is) -> Shape:
        what = node.meta.get("what", "null")
        return shapes.Test(self.shape(node.this), what.upper(), what != "null")

    def in_query(self, node: exp.In) -> Shape:
        query = node.args["query"].this
        left = node.this
        members = left.expressions if isinstance(left, exp.Tuple) else [left]
        return shapes.Sublink("ANY", query, self.compared("=", members, query), "=")

    # -- the rest ------------------------------------------------------------------------------

    def cast(self, node: exp.Cast) -> Shape:
        source, target = type_of(node.this), type_of(node)
        implicit = bool(node.meta.get("implicit"))
        inner = self.shape(node.this)
        plain = bare(target)
        if plain != target and bare(source) != plain:
            # One conversion to the type, which is not shown, and one to its length.
            inner = shapes.Cast(inner, plain, True, _by_function(source, plain))
        return shapes.Cast(inner, target, implicit, _by_function(source, target))

    def call(self, node: exp.Anonymous) -> Shape:
        operator = node.meta.get("operator")
        if isinstance(operator, Operator):
            operands = self.operands(operator.symbol, node.expressions)
            return shapes.Operator(operator.symbol, operands)
        if "grouping" in node.meta:
            return shapes.Form("GROUPING", self.every(node.expressions))
        function = node.meta.get("function")
        if isinstance(function, Function) and function.form is Form.AGGREGATE:
            return self.aggregate(node)
        arguments = self.arguments(node.expressions, function)
        if not node.meta.get("syntax"):
            return shapes.Call(node.name, arguments)
        if node.name in _WORDS:
            digits = [part.text for part in arguments if isinstance(part, shapes.Const)]
            shown = f"({digits[0]})" if digits else ""
            return shapes.Word(node.name.upper() + shown)
        if node.name == "substring" and type_of(node.expressions[1]).kind is Kind.TEXT:
            return shapes.Call(node.name, arguments)
        return shapes.Syntax(node.name, arguments)

    def arguments(self, nodes: list[Any], function: object) -> tuple[Shape, ...]:
        """Return arguments; where any type will do, a literal keeps none."""
        declared = function.arguments if isinstance(function, Function) else ()
        made = []
        for index, node in enumerate(nodes):
            shape = self.shape(node)
            kind = declared[min(index, len(declared) - 1)] if declared else None
            if kind is Pseudo.ANY and node.meta.get("untyped") and isinstance(shape, shapes.Const):
                shape = shapes.Const(shape.text, UNKNOWN)
            made.append(shape)
        return tuple(made)

    def aggregate(self, node: exp.Expr) -> shapes.Aggregate:
        """Return an aggregate out of what stands around its call."""
        parts: dict[str, Any] = {}
        while not isinstance(node, exp.Anonymous):
            if isinstance(node, exp.Filter):
                parts["filter"] = self.shape(node.expression.this)
            elif isinstance(node, exp.WithinGroup):
                parts["within"] = self.sort_keys(node.args["order"].expressions)
            else:
                parts["order"] = self.sort_keys(node.expressions)
            node = node.this
        arguments = node.expressions
        distinct = bool(arguments) and isinstance(arguments[0], exp.Distinct)
        if distinct:
            arguments = arguments[0].expressions
        star = not arguments and "within" not in parts
        return shapes.Aggregate(node.name, self.every(arguments), distinct, star, **parts)

    def sort_keys(self, keys: list[Any]) -> tuple[shapes.SortKey, ...]:
        return tuple(
            shapes.SortKey(
                self.shape(key.this), bool(key.args.get("desc")), bool(key.args["nulls_first"])
            )
            for key in keys
        )

    def window(self, node: exp.Window) -> Shape:
        inner = node.this
        if isinstance(inner, exp.Anonymous) and not _is_aggregate(inner):
            return shapes.Aggregate(inner.name, self.every(inner.expressions), over=node)
        found = self.aggregate(inner)
        return shapes.Aggregate(
            found.name, found.arguments, star=found.star, filter=found.filter, over=node
        )

    def form(self, node: exp.Expr) -> Shape:
        word = node.key.upper()
        return shapes.Form(word, self.every([node.this, *node.expressions]))

    def nullif(self, node: exp.Nullif) -> Shape:
        return shapes.Form("NULLIF", self.operands("=", [node.this, node.expression]))

    def case(self, node: exp.Case) -> Shape:
        operand = node.args.get("this")
        whens = []
        for one in node.args["ifs"]:
            condition = self.shape(one.this)
            if operand is not None:
                condition = self.operands("=", [operand, one.this])[1]
            whens.append((condition, self.shape(one.args["true"])))
        default = node.args.get("default")
        otherwise = shapes.Const(None, type_of(node)) if default is None else self.shape(default)
        shown = None if operand is None else self.shape(_uncast(operand))
        return shapes.Case(shown, tuple(whens), otherwise)

    def array(self, node: exp.Array) -> Shape:
        parts = node.expressions
        if node.meta.get("query"):
            return shapes.Sublink("ARRAY", parts[0])
        made = shapes.Form("ARRAY", self.every(parts), "[", "]")
        return made if parts else shapes.Cast(made, type_of(node), False, False)

    def record(self, node: exp.Row) -> Shape:
        source = node.args.get("source")
        if source is None or self.level is None:
            return shapes.Form("ROW", self.every(node.expressions))
        return shapes.Var(self.level.find(node.meta["scope"], source.name), "*")

    def row(self, node: exp.Tuple) -> Shape:
        return shapes.Form("ROW", self.every(node.expressions))

    def subscript(self, node: exp.Bracket) -> Shape:
        pairs: list[tuple[Shape | None, Shape | None]] = []
        sliced = False
        for part in node.expressions:
            if isinstance(part, exp.Slice):
                sliced = True
                low, high = part.args.get("this"), part.args.get("expression")
                pairs.append(
                    (
                        None if low is None else self.shape(low),
                        None if high is None else self.shape(high),
                    )
                )
            else:
                pairs.append((None, self.shape(part)))
        return shapes.Subscript(self.shape(node.this), tuple(pairs), sliced)

    def exists(self, node: exp.Exists) -> Shape:
        return shapes.Sublink("EXISTS", node.this)

    def value_of(self, node: exp.Subquery) -> Shape:
        return shapes.Sublink("", node.this)


def _has_own(symbol: str, kinds: set[Kind]) -> bool:
    """Say whether PostgreSQL has an operator of its own over these types."""
    return any(symbol in symbols and kinds <= family for family, symbols in _FAMILIES)


def _output_types(query: exp.Expr) -> list[Type]:
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    outputs = query.expressions
    if isinstance(query, exp.Values):
        outputs = outputs[0].expressions
    return [type_of(output) for output in outputs]


def _is_aggregate(node: exp.Expr) -> bool:
    function = node.meta.get("function")
    return isinstance(function, Function) and function.form is Form.AGGREGATE


def _unwrapped(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren) and "collation" not in node.meta:
        node = node.this
    return node


def _uncast(node: exp.Expr) -> exp.Expr:
    """Return an operand as it was before it was cast for the operator."""
    node = _unwrapped(node)
    if node.meta.get("implicit"):
        if isinstance(node, exp.Cast):
            return _unwrapped(node.this)
        written = node.meta.get("written")
        if isinstance(written, exp.Expr):
            return written
    return node


def _by_function(source: Type, target: Type) -> bool:
    """Say whether PostgreSQL converts by calling a function that it knows for these types."""
    if target.length is not None or target.precision is not None:
        return True
    one, other = bare(source).kind, target.kind
    if one in NUMBERS and other in NUMBERS:
        return True
    times = DATETIMES | {Kind.INTERVAL}
    if one in times and other in times:
        return True
    if {one, other} == {Kind.BOOLEAN, Kind.INT4}:
        return True
    return one in (Kind.BPCHAR, Kind.NAME) and other in TEXTS


_SHAPES: dict[type[exp.Expr], Callable[[Translator, Any], Shape]] = {
    **dict.fromkeys(_SYMBOLS, Translator.binary),
    exp.Neg: Translator.unary,
    exp.BitwiseNot: Translator.unary,
    exp.Column: Translator.column,
    exp.Literal: Translator.literal,
    exp.Boolean: Translator.boolean,
    exp.HexString: Translator.bytes,
    exp.Null: Translator.null,
    exp.Paren: Translator.paren,
    exp.Escape: Translator.escape,
    exp.And: Translator.logic,
    exp.Or: Translator.logic,
    exp.Not: Translator.negation,
    exp.Between: Translator.between,
    exp.NullSafeEQ: Translator.same,
    exp.NullSafeNEQ: Translator.different,
    exp.Is: Translator.test,
    exp.In: Translator.in_query,
    exp.Cast: Translator.cast,
    exp.Anonymous: Translator.call,
    exp.Order: Translator.aggregate,
    exp.Filter: Translator.aggregate,
    exp.WithinGroup: Translator.aggregate,
    exp.Quantified: Translator.general,
    exp.Window: Translator.window,
    exp.Coalesce: Translator.form,
    exp.Greatest: Translator.form,
    exp.Least: Translator.form,
    exp.Nullif: Translator.nullif,
    exp.Case: Translator.case,
    exp.Array: Translator.array,
    exp.Tuple: Translator.row,
    exp.Row: Translator.record,
    exp.Bracket: Translator.subscript,
    exp.Exists: Translator.exists,
    exp.Subquery: Translator.value_of,
}
