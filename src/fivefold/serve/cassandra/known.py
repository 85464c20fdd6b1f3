"""Statements as the server knows them: what their parameters and rows are, made once for each.

A statement of a client is known by its id; what is known holds for one catalog, and is looked at
again under another. If its parameters are others by then, the client has to prepare it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fivefold.errors import FivefoldError
from fivefold.serve.cassandra.session import Line, Prepared
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.faults import invalid, unprepared
from fivefold.values.cql.rows import row_encoder
from fivefold.values.cql.types import Unset
from fivefold.wire.cassandra.encode import Metadata
from fivefold.wire.cassandra.messages import Value

if TYPE_CHECKING:
    from fivefold.engine.cache import Cache
    from fivefold.languages.cql.results import ColumnSpec, Parameters

WRONG_COUNT = {
    "query": "Invalid amount of bind variables",
    "execute": "there were {0} markers(?) in CQL but {1} bound variables",
    "batch": "There were {0} markers(?) in CQL but {1} bound variables",
}
"""What Cassandra says of too few or too many values, by the request that they came with."""

FromWire = Callable[[bytes | None], Any]


class Shape:
    """Columns of rows: how they are said in one version; ``write`` makes bytes of a row."""

    __slots__ = ("metadata", "specs", "write")

    def __init__(self, specs: Sequence[ColumnSpec], version: int) -> None:
        self.specs = specs
        self.metadata = Metadata(specs, version)
        write = row_encoder([codec_of(spec.type) for spec in specs])
        self.write: Callable[[Sequence[Any]], bytes] = write


class Known:
    """A statement. ``brief`` says how often it may be tried on the loop."""

    __slots__ = ("_readers", "brief", "catalog", "prepared", "shapes")

    def __init__(self, prepared: Prepared, catalog: object) -> None:
        self.prepared = prepared
        self.catalog = catalog
        self.brief = 0
        self.shapes: dict[int, Shape] = {}
        """By version: of the rows that it returned last."""
        self._readers: list[FromWire] = [
            codec_of(spec.type).from_wire for spec in prepared.parameters
        ]

    def read(
        self, values: Sequence[Value], names: Sequence[str] | None = None, request: str = "query"
    ) -> Parameters:
        """Return parameters in stored form, in the order of the markers.

        ``request`` is a key of ``WRONG_COUNT``. Raises InvalidValue.
        """
        if names is not None:
            values = self._in_order(values, names)
        readers = self._readers
        if len(values) != len(readers):
            raise wrong_count(request, len(readers), len(values))
        return [
            value if value is None or isinstance(value, Unset) else read(value)
            for read, value in zip(readers, values, strict=True)
        ]

    def _in_order(self, values: Sequence[Value], names: Sequence[str]) -> list[Value]:
        if len(names) < len(self.prepared.parameters):
            raise wrong_count("query", len(self.prepared.parameters), len(names))
        said = dict(zip(names, values, strict=True))
        found = []
        for spec in self.prepared.parameters:
            if spec.name not in said:
                raise invalid(f"Missing value for bind variable {spec.name}", "undefined_parameter")
            found.append(said[spec.name])
        return found

    def shape(self, version: int, specs: Sequence[ColumnSpec] | None = None) -> Shape | None:
        """Return the shape of rows of these columns, or those it was prepared with."""
        if specs is None:
            specs = self.prepared.columns
            if specs is None:
                return None
        found = self.shapes.get(version)
        if found is None or (found.specs is not specs and [*found.specs] != [*specs]):
            found = self.shapes[version] = Shape(specs, version)
        return found


def wrong_count(request: str, wanted: int, given: int) -> FivefoldError:
    """Return the error for too few or too many values."""
    return invalid(WRONG_COUNT[request].format(wanted, given), "wrong_parameter_count")


class KnownStatements:
    """The statements of one server's clients, as the engine's cache has room for them."""

    def __init__(self, cache: Cache[Any, Any]) -> None:
        self._cache = cache

    def all(self) -> list[Known]:
        """Return all that are remembered; callable from any thread."""
        return [each for each in [*self._cache.values()] if isinstance(each, Known)]

    def add(self, prepared: Prepared, catalog: object) -> Known:
        """Return what is known of a statement that was prepared under a catalog."""
        key = ("cassandra known", prepared.id)
        found: Known | None = self._cache.get(key)
        if found is None or found.prepared is not prepared:
            known, found = found, Known(prepared, catalog)
            if known is not None:
                found.brief = known.brief
            self._cache.put(key, found)
        return found

    def find(self, id: bytes, line: Line, catalog: object, *, inline: bool) -> Known:
        """Return what is known of a client's statement.

        Raises the error by which clients prepare it again, or what is wrong with it by now.
        """
        found: Known | None = self._cache.get(("cassandra known", id))
        if found is not None and found.catalog is catalog:
            return found
        prepared = line.prepared(id)
        if prepared is None:
            raise unprepared(id)
        if found is None:
            return self.add(prepared, catalog)
        fresh = line.prepare(prepared.text, prepared.keyspace, inline=inline)
        if [*fresh.parameters] != [*found.prepared.parameters]:
            self.add(fresh, catalog)
            raise unprepared(id)
        known = self.add(fresh, catalog)
        known.catalog = catalog
        return known
