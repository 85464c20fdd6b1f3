"""USING: the timestamp and the time to live of a statement.

Source: "INSERT" and "UPDATE parameters" of "Data manipulation" in Cassandra's CQL reference.
"""

from __future__ import annotations

from fivefold.languages.cql.results import ColumnSpec
from fivefold.languages.cql.run import Run
from fivefold.languages.cql.tables import ColumnFamily
from fivefold.languages.cql.terms import Scope, compile_term
from fivefold.languages.cql.tree import Term
from fivefold.languages.cql.write.shapes import Evaluate, Stamp
from fivefold.values.cql.faults import invalid_value
from fivefold.values.cql.types import BIGINT, INT, CqlType, Unset

TTL_SECONDS_MAX = 630_720_000
"""Twenty years."""

SECOND_MAX = 2**31 - 2
"""The last second at which something may expire: 2038-01-19T03:14:06Z, as Cassandra 5.0 has it
for as long as its storage may be read by version 4."""


class Attributes:
    """USING of one statement, compiled."""

    def __init__(
        self,
        family: ColumnFamily | None,
        timestamp: Term | None,
        ttl: Term | None,
        scope: Scope,
    ) -> None:
        keyspace = scope.keyspace if family is None else family.keyspace
        table = scope.table if family is None else family.name

        def made(term: Term | None, name: str, type_: CqlType) -> Evaluate | None:
            if term is None:
                return None
            return compile_term(term, ColumnSpec(keyspace, table, name, type_), scope)

        self.family = family
        self.has_timestamp = timestamp is not None
        self.has_ttl = ttl is not None
        self._timestamp = made(timestamp, "[timestamp]", BIGINT)
        self._ttl = made(ttl, "[ttl]", INT)
        self.is_plain = timestamp is None and ttl is None
        self.default_ttl = 0 if family is None else family.default_ttl

    def timestamp(self, run: Run, otherwise: int | None = None) -> int:
        """Return the timestamp in microseconds: the statement's, else that of ``otherwise``.

        Else it is the one that came with the request, else the clock's.
        """
        if self._timestamp is not None:
            found = self._timestamp(run)
            if found is None:
                raise invalid_value("Invalid null value of timestamp")
            if not isinstance(found, Unset):
                assert isinstance(found, int)
                if found == -(2**63):
                    raise invalid_value(
                        f"Out of bound timestamp, must be in [{1 - 2**63}, {2**63 - 1}]"
                    )
                return found
        if otherwise is not None:
            return otherwise
        given = run.options.timestamp
        return run.now_us if given is None else given

    def stamp(self, run: Run, timestamp: int) -> Stamp:
        """Return when a run writes, and until when."""
        now_s = run.now_s
        ttl = self._seconds(run)
        if not ttl:
            return Stamp(timestamp, 0, None, now_s)
        if now_s + ttl > SECOND_MAX:
            assert self.family is not None
            table = f"{self.family.keyspace}.{self.family.name}"
            raise invalid_value(
                f"Request on table {table} with {'' if self.has_ttl else 'default '}ttl of {ttl}"
                " seconds exceeds maximum supported expiration date of 2038-01-19T03:14:06+00:00."
                " In order to avoid this use a lower TTL, change the expiration date overflow"
                " policy or upgrade to a version where this limitation is fixed. See"
                " CASSANDRA-14092 and CASSANDRA-14227 for more details."
            )
        return Stamp(timestamp, ttl, now_s + ttl, now_s)

    def _seconds(self, run: Run) -> int:
        if self._ttl is None:
            return self.default_ttl
        found = self._ttl(run)
        if found is None:
            return 0
        if isinstance(found, Unset):
            return self.default_ttl
        assert isinstance(found, int)
        if found < 0:
            raise invalid_value(f"A TTL must be greater or equal to 0, but was {found}")
        if found > TTL_SECONDS_MAX:
            raise invalid_value(
                f"ttl is too large. requested ({found}) maximum ({TTL_SECONDS_MAX})"
            )
        return found
