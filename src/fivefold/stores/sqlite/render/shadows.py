"""Documents of a collection, read where they lie.

To SQL a collection is a view whose column is ``fivefold_document(doc)``: jsonb made of the shadow,
in Python, for each row. What ``->``, ``->>``, ``#>``, ``#>>`` and their like ask of it by constant
names SQLite reads from the shadow itself, which is JSONB of its own. Its text is that of jsonb but
for numbers with an exponent and the blanks in objects and arrays: where such things may be, which
the collection's shape tells, what was read goes through the same function as the whole document
would have.

A query in FROM hands the shadow on beside its columns, so that those around it read it too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from fivefold.models.document import bits
from fivefold.models.document.bits import SEPARATOR
from fivefold.plan import nodes as exp
from fivefold.plan.statement import type_of
from fivefold.stores.sqlite.names import quote
from fivefold.stores.sqlite.render.writer import Writer, bare, string
from fivefold.values.types import Kind

HANDED_ON = "ff:"
"""What the name of a column begins with that holds the shadow of another one."""

_SAYABLE = re.compile(r'[^"\\\x00-\x1f]+')
_INDEX = re.compile(r"\s*[+-]?\d+\s*")

_SIMPLE = bits.NULL | bits.BOOL | bits.INT | bits.LONG | bits.SMALL_LONG | bits.STRING
"""Kinds whose text in the shadow is that of jsonb."""
_WHOLE = bits.INT | bits.LONG | bits.SMALL_LONG
_TAGGED = {bits.OBJECT_ID: ("$oid", '"'), bits.DATE: ("$date", "")}
_IN_OBJECTS = bits.OBJECT | bits.OBJECT_ID | bits.DATE

UNKNOWN = (("", bits.DEEP),)
"""The shape of what is kept as documents are without being a collection: a graph's properties."""

Step = str | int


class Place(NamedTuple):
    """A value in a shadow: the text of the shadow, the collection's shape, what leads there."""

    shadow: str
    shape: Mapping[str, int]
    steps: tuple[Step, ...]

    @property
    def path(self) -> str:
        """Return the path as SQLite has it (sqlite.org/json1.html, 3.3)."""
        parts = [
            f'."{step}"' if isinstance(step, str) else f"[{step}]" if step >= 0 else f"[#{step}]"
            for step in self.steps
        ]
        return string("$" + "".join(parts))

    @property
    def kinds(self) -> int:
        """Return what was ever there; DEEP if that is not known."""
        if any(isinstance(step, str) and step[:1] == "$" for step in self.steps):
            return bits.DEEP
        names = [step if isinstance(step, str) else bits.ELEMENTS for step in self.steps]
        return bits.at(self.shape, SEPARATOR.join(names))


# From a tree to a place


def place_of(w: Writer, node: exp.Expr) -> Place | None:
    """Return the place that an expression of jsonb reads, None if it is none."""
    node = bare(node)
    if isinstance(node, exp.Column):
        known = w.shadows.get((node.table, node.name))
        return None if known is None else Place(*known, ())
    if not isinstance(node, exp.Anonymous):
        return None
    if node.name == "fivefold_document":
        return Place(w.sql(node.expressions[0]), dict(w.shape), ())
    leading = _LEADING.get(node.name)
    if leading is None or not node.expressions or node.args.get("variadic"):
        return None
    above = place_of(w, node.expressions[0])
    return None if above is None else leading(above, node.expressions[1:])


def _by_name(above: Place, arguments: list[exp.Expr]) -> Place | None:
    (name,) = map(_constant, arguments)
    if not isinstance(name, str) or not _SAYABLE.fullmatch(name):
        return None
    return above._replace(steps=(*above.steps, name))


def _by_number(above: Place, arguments: list[exp.Expr]) -> Place | None:
    """Return the place of an element: to jsonb a scalar is its own."""
    (number,) = map(_constant, arguments)
    if not isinstance(number, int) or above.kinds & ~(bits.ARRAY | _IN_OBJECTS):
        return None
    return above._replace(steps=(*above.steps, number))


def _by_path(above: Place, arguments: list[exp.Expr]) -> Place | None:
    """Return the place behind several steps: a number is a name, or an element's."""
    steps = _listed(arguments)
    if steps is None:
        return None
    for step in steps:
        if not _SAYABLE.fullmatch(step):
            return None
        found: Step = step
        if _INDEX.fullmatch(step):
            kinds = above.kinds
            if kinds & bits.DEEP or (kinds & bits.ARRAY and kinds & _IN_OBJECTS):
                return None
            if kinds & bits.ARRAY:
                found = int(step)
        above = above._replace(steps=(*above.steps, found))
    return above


_LEADING: dict[str, Callable[[Place, list[exp.Expr]], Place | None]] = {
    "jsonb_object_field": _by_name,
    "jsonb_array_element": _by_number,
    "jsonb_extract_path": _by_path,
}


def _constant(node: exp.Expr) -> Step | None:
    node = bare(node)
    if isinstance(node, exp.Neg):
        inner = _constant(node.this)
        return -inner if isinstance(inner, int) else None
    if not isinstance(node, exp.Literal):
        return None
    if type_of(node).kind is Kind.INT4:
        return int(node.this)
    return str(node.this) if type_of(node).kind is Kind.TEXT else None


def _listed(arguments: list[exp.Expr]) -> list[str] | None:
    """Return the names of a path: listed, or in one array."""
    if len(arguments) == 1 and type_of(arguments[0]).kind is Kind.ARRAY:
        node = bare(arguments[0])
        if not isinstance(node, exp.Literal):
            return None
        found = json.loads(node.this)
    else:
        found = [_constant(one) for one in arguments]
    return found if found and all(isinstance(one, str) for one in found) else None


# From a place to text


def read(w: Writer, name: str, arguments: list[exp.Expr]) -> str | None:
    """Return the text of a call that reads a shadow, None if it has to be called."""
    leading, write = _READERS[name]
    above = place_of(w, arguments[0]) if arguments else None
    if above is None:
        return None
    place = above if leading is None else leading(above, arguments[1:])
    return None if place is None or not place.steps else write(place)


def _text(place: Place) -> str:
    """Return what reads a value as text: null for null."""
    value, kinds = f"({place.shadow} ->> {place.path})", place.kinds & ~bits.NULL
    if not kinds & ~bits.STRING:
        return value
    if not kinds & ~_WHOLE:
        return f"CAST({value} AS TEXT)"
    if kinds == bits.BOOL:
        return f"CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    if not kinds & ~(bits.OBJECT_ID | bits.DATE):
        return _tagged(place, kinds, None)
    cases = ["WHEN 'null' THEN NULL"]
    if kinds & (bits.STRING | bits.DEEP):
        cases.append(f"WHEN 'text' THEN {value}")
    if kinds & (_WHOLE | bits.DEEP):
        cases.append(f"WHEN 'integer' THEN CAST({value} AS TEXT)")
    if kinds & (bits.DOUBLE | bits.DEEP):
        cases.append(f"WHEN 'real' THEN {_real(place)}")
    if kinds & (bits.BOOL | bits.DEEP):
        cases.append("WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'")
    return f"CASE {_kind(place)} {' '.join(cases)} ELSE {_made(place)} END"


def _part(place: Place) -> str:
    """Return what reads a value as jsonb."""
    value, kinds = f"({place.shadow} -> {place.path})", place.kinds
    if not kinds & ~_SIMPLE:
        return value
    if not kinds & ~(_SIMPLE | bits.OBJECT_ID | bits.DATE):
        return _tagged(place, kinds, value)
    cases = [f"WHEN 'real' THEN {_real(place)}"] if kinds & (bits.DOUBLE | bits.DEEP) else []
    if kinds & (bits.OBJECT | bits.ARRAY | bits.OTHER | bits.DEEP | bits.OBJECT_ID | bits.DATE):
        cases.append(f"WHEN 'object' THEN {_made(place)} WHEN 'array' THEN {_made(place)}")
    return f"CASE {_kind(place)} {' '.join(cases)} ELSE {value} END"


def _kind(place: Place) -> str:
    return f"json_type({place.shadow}, {place.path})"


def _made(place: Place) -> str:
    return f"ff_cast({place.shadow} -> {place.path}, 'text', 'jsonb')"


def _real(place: Place) -> str:
    """Return the text of a double: jsonb has no exponents, and one zero."""
    value = f"({place.shadow} -> {place.path})"
    return f"CASE WHEN {value} GLOB '*e*' OR {value} = '-0.0' THEN {_made(place)} ELSE {value} END"


def _tagged(place: Place, kinds: int, otherwise: str | None) -> str:
    """Return the text of values that stand in objects of one name."""
    texts = []
    for kind, (name, mark) in _TAGGED.items():
        if kinds & kind:
            value = f"{place.shadow} ->> {place._replace(steps=(*place.steps, name)).path}"
            head, tail = string(f'{{"{name}": {mark}'), string(f"{mark}}}")
            texts.append(f"{head} || ({value}) || {tail}")
    texts += [] if otherwise is None else [otherwise]
    return f"coalesce({', '.join(texts)})" if len(texts) > 1 else f"({texts[0]})"


_TYPES = {
    "text": "string",
    **dict.fromkeys(("integer", "real"), "number"),
    **dict.fromkeys(("true", "false"), "boolean"),
}


def _type(place: Place) -> str:
    """Return what jsonb_typeof says."""
    cases = " ".join([f"WHEN '{own}' THEN '{shown}'" for own, shown in _TYPES.items()])
    return f"CASE {_kind(place)} {cases} ELSE {_kind(place)} END"


def _has(above: Place, arguments: list[exp.Expr]) -> Place | None:
    """Return the place of a field of what can only be an object."""
    if above.steps and above.kinds & ~_IN_OBJECTS:
        return None
    return _by_name(above, arguments)


_READERS: dict[
    str,
    tuple[
        Callable[[Place, list[exp.Expr]], Place | None] | None,
        Callable[[Place], str],
    ],
] = {
    "jsonb_object_field": (_by_name, _part),
    "jsonb_array_element": (_by_number, _part),
    "jsonb_extract_path": (_by_path, _part),
    "jsonb_object_field_text": (_by_name, _text),
    "jsonb_array_element_text": (_by_number, _text),
    "jsonb_extract_path_text": (_by_path, _text),
    "jsonb_typeof": (None, _type),
    "jsonb_exists": (_has, lambda place: f"({_kind(place)} IS NOT NULL)"),
}

READERS = frozenset(_READERS)


_CASTS: dict[Kind, int] = {
    Kind.INT4: bits.INT,
    Kind.INT8: _WHOLE,
    Kind.FLOAT8: bits.NUMBERS,
    Kind.BOOLEAN: bits.BOOL,
}
"""The kinds of values that a cast to a type takes as they are, from text or from jsonb."""


def cast(w: Writer, node: exp.Expr, target: Kind) -> str | None:
    """Return the text of a cast of what is read, where there is nothing else to be cast."""
    wanted = _CASTS.get(target)
    node = bare(node)
    if wanted is None or not isinstance(node, exp.Anonymous) or node.name not in READERS:
        return None
    leading, write = _READERS[node.name]
    if write not in (_text, _part) or leading is None:
        return None
    above = place_of(w, node.expressions[0])
    place = None if above is None else leading(above, node.expressions[1:])
    if place is None:
        return None
    # A null of jsonb cannot be cast; as text it is null.
    if place.kinds & ~(wanted | (bits.NULL if write is _text else 0)):
        return None
    value = f"({place.shadow} ->> {place.path})"
    # Adding nothing makes the zero of -0.0 the one that jsonb has.
    return f"(CAST({value} AS REAL) + 0.0)" if target is Kind.FLOAT8 else value


# Through queries in FROM


def handed_on(w: Writer, outputs: list[exp.Expr]) -> tuple[str, dict[str, Mapping[str, int]]]:
    """Return outputs to be added to a query's, and the shapes of the columns they stand beside."""
    texts, shapes = [], {}
    for output in outputs:
        value, name = (
            (output.this, output.alias) if isinstance(output, exp.Alias) else (output, output.name)
        )
        place = place_of(w, value)
        if place is not None and not place.steps:
            texts.append(f", {place.shadow} AS {quote(HANDED_ON + name)}")
            shapes[name] = place.shape
    return "".join(texts), shapes
