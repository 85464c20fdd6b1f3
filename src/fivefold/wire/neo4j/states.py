"""Which messages a connection may say when, and what its state is afterwards.

After a failure everything is answered by IGNORED until a RESET. A RESET jumps ahead: from the
moment it arrives until its turn comes the state is INTERRUPTED, and what was said before it and has
not been answered yet is ignored as well. A message that has no place in a state ends the
connection.

COMMIT and ROLLBACK may come while results of the transaction are open, as Neo4j allows: they are
given up.

Source: Bolt manual, "Bolt Protocol server state specification", and its appendices for versions 4
and 5.
"""

from __future__ import annotations

from enum import Enum, auto

from fivefold.wire.neo4j import messages as m


class State(Enum):
    """The states of a connection, once its version is agreed on."""

    __hash__ = object.__hash__  # Enum's own is Python code, and each message looks states up

    NEGOTIATION = auto()
    AUTHENTICATION = auto()
    READY = auto()
    STREAMING = auto()
    TX_READY = auto()
    TX_STREAMING = auto()
    FAILED = auto()
    INTERRUPTED = auto()
    DEFUNCT = auto()


class Admission(Enum):
    """What is to be done with a message: perform it, answer IGNORED, or end the connection."""

    PERFORM = auto()
    IGNORE = auto()
    REFUSE = auto()


PLACES: dict[State, frozenset[type]] = {
    State.NEGOTIATION: frozenset({m.Hello}),
    State.AUTHENTICATION: frozenset({m.Logon}),
    State.READY: frozenset({m.Run, m.Begin, m.Route, m.Telemetry, m.Logoff, m.Reset}),
    State.STREAMING: frozenset({m.Pull, m.Discard, m.Reset}),
    State.TX_READY: frozenset({m.Run, m.Commit, m.Rollback, m.Reset}),
    State.TX_STREAMING: frozenset({m.Run, m.Pull, m.Discard, m.Commit, m.Rollback, m.Reset}),
    State.FAILED: frozenset({m.Reset}),
    State.INTERRUPTED: frozenset({m.Reset}),
    State.DEFUNCT: frozenset(),
}
"""The messages that each state takes; GOODBYE is taken in any."""

IGNORING = frozenset({State.FAILED, State.INTERRUPTED})

INSIDE = frozenset({State.TX_READY, State.TX_STREAMING})
"""In a transaction of several queries."""

STARTING = frozenset({State.NEGOTIATION, State.AUTHENTICATION})
"""Before the client is known: a failure ends the connection."""


def admit(state: State, request: m.Request) -> Admission:
    """Say what is to be done with a message that comes in a state."""
    kind = request.__class__
    if kind in PLACES[state] or kind is m.Goodbye:
        return Admission.PERFORM
    if isinstance(request, m.Refused):
        if request.fatal or state in STARTING:
            return Admission.REFUSE
        return Admission.IGNORE if state in IGNORING else Admission.PERFORM
    return Admission.IGNORE if state in IGNORING else Admission.REFUSE


AFTER: dict[type, State] = {
    m.Logon: State.READY,
    m.Logoff: State.AUTHENTICATION,
    m.Begin: State.TX_READY,
    m.Commit: State.READY,
    m.Rollback: State.READY,
    m.Reset: State.READY,
    m.Goodbye: State.DEFUNCT,
}
"""Where messages lead that always lead to the same state."""


def succeeded(
    state: State, request: m.Request, version: m.Version, *, open_results: int = 0
) -> State:
    """Return the state after a message was performed; ``open_results`` are left to be pulled."""
    kind = request.__class__
    if kind in AFTER:
        return AFTER[kind]
    if kind is m.Hello:
        return State.AUTHENTICATION if version >= (5, 1) else State.READY
    if kind in (m.Run, m.Pull, m.Discard):
        if state in INSIDE:
            return State.TX_STREAMING if open_results else State.TX_READY
        return State.STREAMING if open_results else State.READY
    return state
