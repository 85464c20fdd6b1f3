"""The Redis commands by redis-py's method names, argument names and results.

Source: redis-py's ``redis/commands/core.py`` for the signatures and its documentation for what
each returns with ``decode_responses=False``. Shared by ``Redis``, which runs a command, and
``Pipeline``, which notes it.
"""

from __future__ import annotations

from typing import Protocol

from fivefold.api.redis.bits import Bits
from fivefold.api.redis.geo import Geo
from fivefold.api.redis.hashes import Hashes
from fivefold.api.redis.keys import Keys
from fivefold.api.redis.lists import Lists
from fivefold.api.redis.scripting import Scripting
from fivefold.api.redis.server import Clients, Server
from fivefold.api.redis.sets import Sets
from fivefold.api.redis.sorted_sets import SortedRanges, SortedSets
from fivefold.api.redis.streams import Groups, Streams
from fivefold.api.redis.strings import Strings


class Commands(
    Strings,
    Bits,
    Keys,
    Hashes,
    Lists,
    Sets,
    SortedSets,
    SortedRanges,
    Geo,
    Streams,
    Groups,
    Scripting,
    Server,
    Clients,
    Protocol,
):
    """Every method's command, arguments and result; how it is run is up to ``_run``."""
