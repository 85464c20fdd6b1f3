"""The system tables, by which drivers learn what there is: their columns and their rows.

Source: the system keyspaces of Cassandra 5.0.5.
"""

from __future__ import annotations

from fivefold.languages.cql.system.definitions import system_keyspaces
from fivefold.languages.cql.system.families import system_family
from fivefold.languages.cql.system.node import Client, Node, Traces
from fivefold.languages.cql.system.rows import system_rows

__all__ = ["Client", "Node", "Traces", "system_family", "system_keyspaces", "system_rows"]
