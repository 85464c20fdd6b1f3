"""The nodes of a bound tree: what a statement of the waist is made of.

The tree is PostgreSQL's own dialect, resolved: every table has its namespace, every column its
source, every conversion is a ``Cast``. A class's docstring names its arguments.
"""

from __future__ import annotations

from fivefold.plan.expr import Expr as Expr

# -- leaves -------------------------------------------------------------------------------------


class Identifier(Expr):
    """A name: this."""

    is_leaf = True


class Var(Expr):
    """A word of the grammar: this."""

    is_leaf = True


class Literal(Expr):
    """A constant in stored form, as text: this, is_string."""

    is_leaf = True

    @property
    def is_string(self) -> bool:
        """Whether it was written in quotes."""
        return bool(self.args.get("is_string"))


class Boolean(Expr):
    """this: true or false."""


class Null(Expr):
    """NULL."""


class HexString(Expr):
    """Bytes: this, in hexadecimal digits."""


class Parameter(Expr):
    """A parameter: this, a Literal with its number, from 1."""


class Column(Expr):
    """A column: this and table, Identifiers."""

    @property
    def table(self) -> str:
        """The alias of its source."""
        return self.text("table")


# -- operators ----------------------------------------------------------------------------------


class Unary(Expr):
    """this."""


class Paren(Unary):
    """(this)."""


class Not(Unary):
    """NOT this."""


class Neg(Unary):
    """- this."""


class BitwiseNot(Unary):
    """~ this."""


class Binary(Expr):
    """this, expression."""


class And(Binary):
    """this AND expression."""


class Or(Binary):
    """this OR expression."""


class EQ(Binary):
    """this = expression; also an assignment, of a Column or a Tuple of them."""


class NEQ(Binary):
    """this <> expression."""


class LT(Binary):
    """this < expression."""


class LTE(Binary):
    """this <= expression."""


class GT(Binary):
    """this > expression."""


class GTE(Binary):
    """this >= expression."""


class NullSafeEQ(Binary):
    """this IS NOT DISTINCT FROM expression."""


class NullSafeNEQ(Binary):
    """this IS DISTINCT FROM expression."""


class Is(Binary):
    """this IS expression: Null or Boolean."""


class Like(Binary):
    """this LIKE expression."""


class ILike(Binary):
    """this ILIKE expression."""


class SimilarTo(Binary):
    """this SIMILAR TO expression."""


class Escape(Binary):
    """this ESCAPE expression; this is a match, negated or not."""


class Add(Binary):
    """this + expression."""


class Sub(Binary):
    """this - expression."""


class Mul(Binary):
    """this * expression."""


class Div(Binary):
    """this / expression, as PostgreSQL divides the operands' type."""


class Mod(Binary):
    """this % expression."""


class Pow(Binary):
    """this ^ expression."""


class DPipe(Binary):
    """this || expression, of texts."""


class BitwiseAnd(Binary):
    """this & expression."""


class BitwiseOr(Binary):
    """this | expression."""


class BitwiseXor(Binary):
    """this # expression."""


class BitwiseLeftShift(Binary):
    """this << expression."""


class BitwiseRightShift(Binary):
    """this >> expression."""


class Between(Expr):
    """this BETWEEN low AND high."""


class In(Expr):
    """this IN (expressions), or IN query: a Subquery."""


class Any(Expr):
    """ANY (this), an array or a Subquery."""


class All(Expr):
    """ALL (this), an array or a Subquery."""


class Quantified(Expr):
    """this, a condition on Each, for ANY or (every) ALL of expression, an array or a Subquery.

    ``op`` is the operator that the condition is made of.
    """


class Each(Expr):
    """What a Quantified's condition is asked of."""


# -- expressions --------------------------------------------------------------------------------


class Cast(Expr):
    """CAST(this AS to), the type's name; its ``meta`` has the type."""

    @property
    def name(self) -> str:
        """The name of what is cast."""
        return str(self.this.name)


class Anonymous(Expr):
    """A call: this, the function's name, and expressions; variadic if the last is an array."""


class Coalesce(Expr):
    """COALESCE(this, expressions)."""


class Greatest(Expr):
    """GREATEST(this, expressions)."""


class Least(Expr):
    """LEAST(this, expressions)."""


class Nullif(Expr):
    """NULLIF(this, expression)."""


class Case(Expr):
    """CASE this, ifs, default; this and default may be left out."""


class If(Expr):
    """WHEN this THEN true."""


class Array(Expr):
    """ARRAY[expressions], or of one Query: ARRAY(query)."""


class Bracket(Expr):
    """this[expressions]: indexes, or Slices, one for each dimension."""


class Slice(Expr):
    """this : expression, either may be left out."""


class Assigned(Expr):
    """this, an array or jsonb, with its part at expressions (see Bracket) set to expression."""


class Tuple(Expr):
    """(expressions): a row that is compared or assigned."""


class Row(Expr):
    """ROW(expressions): a record; a source's whole row if it has a source, an Identifier."""


class Member(Expr):
    """(this).name: a record's field; index, from 0."""

    @property
    def name(self) -> str:
        """The field's name."""
        return self.text("name")


class Alias(Expr):
    """this AS alias, an Identifier: an output."""


class Exists(Expr):
    """EXISTS (this)."""


class Filter(Expr):
    """An aggregate this FILTER (expression), a Where."""


class WithinGroup(Expr):
    """An ordered-set aggregate this, a call of its direct arguments, WITHIN GROUP (order)."""


class Window(Expr):
    """this OVER (partition_by, order, spec)."""


class WindowSpec(Expr):
    """A frame: kind, start, start_side, end, end_side, exclude (a Var)."""


# -- clauses ------------------------------------------------------------------------------------


class From(Expr):
    """FROM this; the Select has its joins."""


class Join(Expr):
    """JOIN this: side LEFT, RIGHT or FULL, kind CROSS, on; a comma if it has none of them."""

    @property
    def side(self) -> str:
        """LEFT, RIGHT, FULL or ''."""
        return self.text("side")

    @property
    def kind(self) -> str:
        """CROSS or ''."""
        return self.text("kind")


class Where(Expr):
    """WHERE this."""


class Group(Expr):
    """GROUP BY expressions, all keys; sets: Tuples of keys, left out if there is but one set."""


class Having(Expr):
    """HAVING this."""


class Distinct(Expr):
    """DISTINCT, on: a Tuple; in an aggregate, around its arguments: expressions."""


class Order(Expr):
    """ORDER BY expressions (Ordered); of an aggregate's rows with that call as this."""


class Ordered(Expr):
    """this, desc, nulls_first."""


class Limit(Expr):
    """LIMIT expression; with ties, FETCH FIRST expression ROWS WITH TIES."""


class Offset(Expr):
    """OFFSET expression."""


class Lock(Expr):
    """FOR this OF expressions (Identifiers) wait; this and wait are Vars."""


class With(Expr):
    """WITH expressions (CTE), recursive."""


class CTE(Expr):
    """A WITH query: this, alias (TableAlias), materialized (None if it was not said)."""


class TableAlias(Expr):
    """AS this(columns), Identifiers."""


class Returning(Expr):
    """RETURNING expressions."""


# -- queries and sources ------------------------------------------------------------------------


class Query(Expr):
    """Rows: with_, order, limit, offset."""

    @property
    def selects(self) -> list[Expr]:
        """The outputs, of its first part if it has many."""
        return self.expressions


class Select(Query):
    """distinct, expressions, from_, joins, where, group, having, locks."""


class Values(Query):
    """VALUES expressions (Tuples); in FROM with an alias."""

    @property
    def selects(self) -> list[Expr]:
        """The values of the first row."""
        return list(self.expressions[0].expressions)


class Subquery(Query):
    """(this); in FROM with an alias, or without one around a source and its joins.

    lateral: in FROM, it speaks of sources before it.
    """

    @property
    def selects(self) -> list[Expr]:
        """The outputs of the query inside."""
        return list(self.this.selects)


class SetOperation(Query):
    """this and expression, distinct unless ALL."""

    @property
    def selects(self) -> list[Expr]:
        """The outputs of the left side."""
        return list(self.this.selects)


class Union(SetOperation):
    """this UNION expression."""


class Intersect(SetOperation):
    """this INTERSECT expression."""


class Except(SetOperation):
    """this EXCEPT expression."""


class RowsFrom(Expr):
    """ROWS FROM (expressions): the rows of several calls side by side, a Table's this."""


class Table(Expr):
    """A table: this and db, Identifiers; a function's rows: this, a call or RowsFrom; ordinality.

    A call that has to be told its columns has them in ``meta["columns"]``: (name, type) pairs.
    """

    @property
    def db(self) -> str:
        """The namespace; '' for a WITH query."""
        return self.text("db")


# -- changes ------------------------------------------------------------------------------------


class Insert(Expr):
    """INSERT INTO this (Schema) expression, conflict, returning, with_."""


class Schema(Expr):
    """A Table this with the columns (expressions) that are given."""


class OnConflict(Expr):
    """constraint, or conflict_keys and index_predicate; then expressions, where."""


class Update(Expr):
    """UPDATE this SET expressions FROM from_, where, returning, with_."""


class Delete(Expr):
    """DELETE FROM this USING using (of one source), where, returning, with_."""
