"""The replica set of one that fivefold is to drivers: its name, its versions, its clock.

Drivers offer transactions and sessions to replica sets only, and carry the set's clock from each
reply to the next request ("gossip"). There is one member, always the primary, and nothing about it
ever changes: so there is one version of the topology, and all that was answered before a command
is seen by it, whatever moment of the clock it asks to read after.

Source: the drivers' specifications "Server Discovery and Monitoring" and "Causal Consistency".
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bson.binary import Binary
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.timestamp import Timestamp

from fivefold.values.documents.kinds import Document

SET_NAME = "fivefold"
SET_VERSION = 1
ELECTION_ID = ObjectId("7fffffff0000000000000001")  # as in a set's first term
TERM = 1

_EPOCH = datetime(1970, 1, 1)

_UNSIGNED = {"hash": Binary(bytes(20), 0), "keyId": Int64(0)}
"""What a server without keys signs its clock with."""


class Topology:
    """One run of the program: drivers see by ``process_id`` that it is another one."""

    __slots__ = ("process_id",)

    def __init__(self) -> None:
        self.process_id = ObjectId()

    def version(self) -> Document:
        """Return ``topologyVersion``."""
        return {"processId": self.process_id, "counter": Int64(0)}

    def is_current(self, version: Document) -> bool:
        """Say whether a client that knows this version knows the latest."""
        return bool(version.get("processId") == self.process_id and version.get("counter") == 0)


def cluster_time(now_ms: int) -> Timestamp:
    """Return the set's clock, which moves once a second."""
    return Timestamp(now_ms // 1000, 1)


def gossip(now_ms: int) -> Document:
    """Return the fields that every reply of a replica set ends with."""
    now = cluster_time(now_ms)
    return {"$clusterTime": {"clusterTime": now, "signature": _UNSIGNED}, "operationTime": now}


def moment(ms: int) -> datetime:
    """Return milliseconds since 1970 as BSON's date."""
    return _EPOCH + timedelta(milliseconds=ms)


def last_write(now_ms: int) -> Document:
    """Return hello's ``lastWrite``: one member has always written everything."""
    at = {"ts": cluster_time(now_ms), "t": Int64(TERM)}
    date = moment(now_ms // 1000 * 1000)
    return {
        "opTime": at,
        "lastWriteDate": date,
        "majorityOpTime": dict(at),
        "majorityWriteDate": date,
    }
