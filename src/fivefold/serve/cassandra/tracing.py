"""Traces of requests, kept in memory and shown as the tables of ``system_traces``.

Cassandra writes them into tables, for a day; ours are there until the server stops, the last
``TRACES_MAX`` of them. Drivers read the session's row, and ask again until it has a duration.

Source: "Tracing" of Cassandra's documentation; the tables of ``system_traces``.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from threading import current_thread
from typing import Any

from fivefold.errors import FivefoldError
from fivefold.serve.cassandra.session import Prepared
from fivefold.values.cql.codecs import codec_of
from fivefold.values.cql.types import Unset
from fivefold.wire.cassandra import messages as m

TRACES_MAX = 1_000
"""Traces kept: a few hundred bytes each."""

EVENTS_MAX = 1_000
"""Events of one trace: a batch has two for each of its statements."""

LITERAL_MAX = 1_000
"""Characters of a value that a trace shows."""


class Trace:
    """One request that is traced. ``body`` goes before its answer."""

    __slots__ = ("_began", "events", "id", "row")

    def __init__(self, request: str, parameters: Mapping[str, str], client: str, node: str) -> None:
        self.id = uuid.uuid1()
        self.events: list[dict[str, Any]] = []
        self._began = time.perf_counter()
        self.row: dict[str, Any] = {
            "session_id": self.id,
            "client": ip_address(client),
            "command": "QUERY",
            "coordinator": ip_address(node),
            "coordinator_port": 7000,
            "duration": None,
            "parameters": dict(parameters),
            "request": request,
            "started_at": int(time.time() * 1000),
        }

    def note(self, activity: str) -> None:
        """Take note that something was done."""
        if len(self.events) >= EVENTS_MAX:
            return
        self.events.append(
            {
                "session_id": self.id,
                "event_id": uuid.uuid1(),
                "activity": activity,
                "source": self.row["coordinator"],
                "source_elapsed": self.elapsed_us,
                "source_port": 7000,
                "thread": current_thread().name,
            }
        )

    @property
    def elapsed_us(self) -> int:
        """Return the microseconds since the request came."""
        return int((time.perf_counter() - self._began) * 1_000_000)

    def end(self) -> None:
        """Take note that the request was answered."""
        self.row["duration"] = self.elapsed_us


class Traces:
    """The traces of one server; see ``languages.cql.system.node.Traces``."""

    def __init__(self) -> None:
        self._kept: OrderedDict[uuid.UUID, Trace] = OrderedDict()

    def add(self, trace: Trace) -> None:
        """Keep a trace, and forget the oldest of too many."""
        self._kept[trace.id] = trace
        while len(self._kept) > TRACES_MAX:
            self._kept.popitem(last=False)

    def sessions(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of ``system_traces.sessions``."""
        yield from [trace.row for trace in [*self._kept.values()]]

    def events(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of ``system_traces.events``."""
        for trace in [*self._kept.values()]:
            yield from [*trace.events]


def consistency_words(consistency: int, serial: int | None) -> dict[str, str]:
    """Return what a trace's parameters say of consistency."""
    said = {"consistency_level": m.CONSISTENCIES[consistency]}
    said["serial_consistency_level"] = m.CONSISTENCIES[8 if serial is None else serial]
    return said


def bound(prepared: Prepared, parameters: m.Parameters) -> dict[str, str]:
    """Return what a trace says of a prepared statement's values, as far as they can be read."""
    found = {"query": prepared.text}
    for place, (spec, value) in enumerate(
        zip(prepared.parameters, parameters.values, strict=False)
    ):
        codec = codec_of(spec.type)
        try:
            if value is None or isinstance(value, Unset):
                text = "null" if value is None else "<unset>"
            else:
                text = codec.to_literal(codec.from_wire(value))
        except FivefoldError:  # the statement is about to be refused for it
            continue
        if len(text) > LITERAL_MAX:
            text = f"{text[:LITERAL_MAX]}...'"
        found[f"bound_var_{place}_{spec.name}"] = text
    return found


def trace_of(
    request: m.Query | m.Prepare | m.Execute | m.Batch,
    prepared: Prepared | None,
    client: str,
    node: str,
) -> Trace:
    """Return the trace of a request that is about to be performed; of a statement ``prepared``."""
    if isinstance(request, m.Prepare):
        trace = Trace("Preparing CQL3 query", {"query": request.text}, client, node)
        trace.note(f"Parsing {request.text}")
        trace.note("Preparing statement")
        return trace
    parameters = request.parameters
    said = consistency_words(parameters.consistency, parameters.serial_consistency)
    if parameters.page_size is not None:
        said["page_size"] = str(parameters.page_size)
    if isinstance(request, m.Query):
        trace = Trace("Execute CQL3 query", {"query": request.text, **said}, client, node)
        trace.note(f"Parsing {request.text}")
        trace.note("Preparing statement")
    elif isinstance(request, m.Execute):
        if prepared is not None:
            said |= bound(prepared, parameters)
        trace = Trace("Execute CQL3 prepared query", said, client, node)
    else:
        trace = Trace("Execute batch of CQL3 queries", said, client, node)
        trace.note(f"Batch of {len(request.statements)} statements")
    return trace
