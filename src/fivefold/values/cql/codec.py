"""The forms of a type's values, and the ways between them."""

from __future__ import annotations

from typing import Any, Protocol

from fivefold.values.cql.types import CqlType
from fivefold.values.types import Stored, Type


class Codec(Protocol):
    """What is known of a type's values; see ``types`` for their forms. None is null in all.

    ``row_encoder`` and ``row_decoder`` of ``rows`` are the fast ways for whole rows; ``take_apart``
    and ``put_together`` of ``collections`` those for the parts of a collection.
    """

    @property
    def type(self) -> CqlType: ...
    @property
    def store(self) -> Type:
        """The type of a store's column that holds the stored form."""
        ...

    @property
    def ordered(self) -> bool:
        """Say whether the store orders the stored form as Cassandra orders the values.

        If not, a clustering column holds the bytes of ``to_key`` in its place.
        """
        ...

    def to_plain(self, stored: Stored, /) -> Any: ...
    def from_plain(self, plain: Any, /) -> Stored: ...
    def to_wire(self, stored: Stored, /) -> bytes | None: ...
    def from_wire(self, wire: bytes | None, /) -> Stored:
        """Raises InvalidValue, worded as Cassandra's, for bytes that are none of the type."""
        ...

    def to_json(self, stored: Stored, /) -> str:
        """Return what ``toJson`` gives."""
        ...

    def from_json(self, value: Any, /) -> Stored:
        """Return the value that JSON, as ``json.loads`` gives it, says. Raises InvalidValue."""
        ...

    def to_literal(self, stored: Stored, /) -> str:
        """Return the value as CQL writes it."""
        ...

    def to_key(self, stored: Stored, /) -> bytes:
        """Return bytes that sort as Cassandra orders the values; none is another's beginning."""
        ...

    def from_key(self, key: bytes, /) -> Stored: ...
    def from_program(self, value: Any, /) -> Stored:
        """Take what a program passes to ``db.cql``, as Cassandra's driver would. InvalidValue."""
        ...

    def to_program(self, stored: Stored, /) -> Any:
        """Return what a program gets from ``db.cql``, as Cassandra's driver gives it."""
        ...
