"""WHERE: which relations a statement may have, and what they mean.

Source: "The WHERE clause" of "Data manipulation" in Cassandra's CQL reference, version 5.0; the
rules and messages are those observed of Cassandra 5.0.

- ``restrict`` reads the relations of SELECT, UPDATE, DELETE or a materialized view.
- ``Restrictions`` say what they come to: the partitions and slices of them that a run is about
  (``partitions``, ``slices``), and what is left to be seen of each row (``filters``).
"""

from __future__ import annotations

from fivefold.languages.cql.relations.ranges import Slice, TokenBounds
from fivefold.languages.cql.relations.records import key_value
from fivefold.languages.cql.relations.restrictions import Restrictions
from fivefold.languages.cql.relations.rules import restrict

__all__ = ["Restrictions", "Slice", "TokenBounds", "key_value", "restrict"]
