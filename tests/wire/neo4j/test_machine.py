"""Bolt's connections without sockets: handshake, chunks, messages, states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivefold.errors import Unsupported
from fivefold.wire import limits
from fivefold.wire.neo4j import messages as m
from fivefold.wire.neo4j.machine import BoltMachine
from fivefold.wire.neo4j.states import PLACES, Admission, State
from tests.wire.neo4j.drivers import MAGIC, chunked, message, opening, pack, proposal

MANIFEST = b"\0\0\x01\xff"

# The handshake

AGREED: list[tuple[bytes, bytes]] = [
    (opening(proposal(5, 8, 8), proposal(4, 4, 2)), b"\0\0\x08\x05"),
    (opening(proposal(5, 4, 4)), b"\0\0\x04\x05"),
    (opening(proposal(4, 4, 2), proposal(5, 8, 8)), b"\0\0\x04\x04"),
    (opening(proposal(4, 4), proposal(4, 3), proposal(4, 2), proposal(3, 0)), b"\0\0\x04\x04"),
    (opening(proposal(6, 0), proposal(5, 20, 20)), b"\0\0\x08\x05"),
    (opening(proposal(5, 0)), b"\0\0\0\x05"),
]


@pytest.mark.parametrize(("said", "answer"), AGREED)
def test_versions_that_are_agreed_on(said: bytes, answer: bytes) -> None:
    machine = BoltMachine()
    assert machine.receive(said) == [m.Answer(answer)]
    assert machine.version == (answer[3], answer[2])
    assert machine.fault is None


@pytest.mark.parametrize(
    "said",
    [
        opening(),
        opening(proposal(3, 0), proposal(4, 3, 1)),
        opening(proposal(5, 20, 3)),
        opening(proposal(6, 0)),
        opening(b"\0\0\x02\xff"),
    ],
)
def test_no_version_is_agreed_on(said: bytes) -> None:
    machine = BoltMachine()
    assert machine.receive(said) == [m.Answer(b"\0\0\0\0")]
    assert machine.fault is not None
    assert machine.receive(said) == []


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"\x60\x61", b"\0"])
def test_other_protocols_are_not_answered(said: bytes) -> None:
    machine = BoltMachine()
    assert machine.receive(said) == []
    assert machine.fault is not None


def test_the_manifest() -> None:
    machine = BoltMachine()
    (answer,) = machine.receive(opening(MANIFEST, proposal(5, 8, 8)))
    assert answer == m.Answer(MANIFEST + b"\x02\0\x08\x08\x05\0\0\x04\x04\0")
    assert machine.receive(b"\0\0\x06") == []
    assert machine.receive(b"\x05") == []
    assert machine.receive(b"\x80\x00" + message(0x02)) == [m.Goodbye()]
    assert machine.version == (5, 6)


@pytest.mark.parametrize(
    "choice", [b"\0\0\x09\x05\0", b"\0\0\0\0\0", b"\0\0\x08\x05" + b"\x80" * 10]
)
def test_choices_that_were_not_offered(choice: bytes) -> None:
    machine = BoltMachine()
    machine.receive(opening(MANIFEST))
    assert machine.receive(choice) == []
    assert machine.fault is not None


# Messages


def agreed(version: tuple[int, int] = (5, 8)) -> BoltMachine:
    machine = BoltMachine()
    machine.receive(opening(proposal(*version)))
    assert machine.version == version
    return machine


AUTH = {"scheme": "basic", "principal": "neo4j", "credentials": "secret"}

SAID: list[tuple[tuple[int, int], bytes, m.Request]] = [
    (
        (4, 4),
        message(
            *(0x01, {"user_agent": "test/1", **AUTH, "routing": {"address": "a:1"}}),
        ),
        m.Hello(
            *("test/1", m.Authentication("basic", "neo4j", "secret"), {"address": "a:1"}),
            *(frozenset(), m.Notifications()),
        ),
    ),
    (
        (4, 4),
        message(0x01, {"user_agent": "test/1", "patch_bolt": ["utc"]}),
        m.Hello(
            *("test/1", m.Authentication("none", "", ""), None, frozenset({"utc"})),
            m.Notifications(),
        ),
    ),
    (
        (5, 8),
        message(*(0x01, {"user_agent": "t", "bolt_agent": {"product": "t"}, "routing": None})),
        m.Hello("t", None, None, frozenset(), m.Notifications()),
    ),
    (
        (5, 2),
        message(
            0x01,
            {
                "user_agent": "t",
                "notifications_minimum_severity": "WARNING",
                "notifications_disabled_categories": ["hint", "GENERIC"],
            },
        ),
        m.Hello(
            *("t", None, None, frozenset()),
            m.Notifications("WARNING", frozenset({"HINT", "GENERIC"})),
        ),
    ),
    ((5, 1), message(0x6A, AUTH), m.Logon(m.Authentication("basic", "neo4j", "secret"))),
    ((5, 1), message(0x6A, {"scheme": "none"}), m.Logon(m.Authentication("none", "", ""))),
    ((5, 1), message(0x6B), m.Logoff()),
    ((4, 4), message(0x02), m.Goodbye()),
    ((4, 4), message(0x0F), m.Reset()),
    (
        (4, 4),
        message(0x10, "RETURN $x", {"x": [1, None]}, {}),
        m.Run("RETURN $x", {"x": [1, None]}, m.Options()),
    ),
    (
        (5, 8),
        message(
            *(0x10, "RETURN 1", {}),
            {
                "bookmarks": ["a", "b"],
                "tx_timeout": 500,
                "tx_metadata": {"app": "x"},
                "mode": "r",
                "db": "movies",
                "imp_user": "jane",
                "notifications_disabled_classifications": ["Hint"],
            },
        ),
        m.Run(
            *("RETURN 1", {}),
            m.Options(
                *("movies", True, 500, ("a", "b"), {"app": "x"}, "jane"),
                m.Notifications(None, frozenset({"HINT"})),
            ),
        ),
    ),
    ((4, 4), message(0x11, {"db": "", "mode": "w"}), m.Begin(m.Options())),
    ((4, 4), message(0x12), m.Commit()),
    ((4, 4), message(0x13), m.Rollback()),
    ((4, 4), message(0x3F, {"n": 1000}), m.Pull(1000, m.LAST)),
    ((4, 4), message(0x3F, {"n": -1, "qid": 3}), m.Pull(m.LAST, 3)),
    ((4, 4), message(0x2F, {"n": -1, "qid": -1}), m.Discard(m.LAST, m.LAST)),
    (
        (4, 4),
        message(0x66, {"address": "a:1"}, [], {"db": "movies"}),
        m.Route({"address": "a:1"}, "movies"),
    ),
    ((4, 4), message(0x66, {}, ["b"], {}), m.Route({}, None)),
    ((5, 4), message(0x54, 2), m.Telemetry(2)),
]


@pytest.mark.parametrize(("version", "said", "request_"), SAID)
def test_what_clients_say(version: tuple[int, int], said: bytes, request_: m.Request) -> None:
    assert agreed(version).receive(said) == [request_]
    machine = agreed(version)
    heard = [each for at in range(len(said)) for each in machine.receive(said[at : at + 1])]
    assert heard == [request_]


def test_a_connection_byte_by_byte() -> None:
    said = opening(MANIFEST) + b"\0\0\x08\x05\0" + message(0x0F) * 3 + b"\0\0" + message(0x02)
    wanted = BoltMachine().receive(said)
    assert len(wanted) == 5
    machine = BoltMachine()
    heard = [each for at in range(len(said)) for each in machine.receive(said[at : at + 1])]
    assert heard == wanted


QUERY = "RETURN '" + "x" * 100_000 + "'"


@given(
    st.lists(st.integers(1, 70_000), max_size=6),
    st.integers(100, 0xFFFF),
)
@settings(max_examples=30, deadline=None)
def test_chunks_and_pieces_of_any_size(cuts: list[int], chunk_bytes: int) -> None:
    run = b"\xb3\x10" + pack(QUERY) + b"\xa0\xa0"
    said = chunked(run, chunk_bytes) + b"\0\0\0\0" + message(0x3F, {"n": 1})
    machine = ready()
    heard: list[m.Request] = []
    at = 0
    for cut in [*cuts, len(said)]:
        heard += machine.receive(said[at : at + cut])
        at += cut
    assert heard == [m.Run(QUERY, {}, m.Options()), m.Pull(1, m.LAST)]


FATAL = {
    "not a structure": chunked(b"\x01\x02"),
    "one byte": chunked(b"\xb0"),
    "an unknown message": message(0x77),
    "an answer": message(0x70, {}),
    "a field too few": message(0x10, "RETURN 1", {}),
    "a field too many": message(0x12, 1),
    "a query that is no string": message(0x10, 1, {}, {}),
    "parameters that are no map": message(0x10, "RETURN 1", [], {}),
    "a string that is no UTF-8": chunked(b"\xb3\x10\x81\xff\xa0\xa0"),
    "a value cut off": chunked(b"\xb3\x10\x8fRETURN 1"),
    "bytes behind it": chunked(b"\xb0\x12\x01"),
    "INIT of version 2": message(0x01, "agent", {}),
}


@pytest.mark.parametrize("said", FATAL.values(), ids=FATAL.keys())
def test_what_ends_the_connection(said: bytes) -> None:
    machine = agreed()
    (refused, *rest) = machine.receive(said + message(0x0F))
    assert isinstance(refused, m.Refused)
    assert refused.fatal
    assert rest == []
    assert machine.fault is not None
    assert machine.admit(refused) is Admission.REFUSE
    assert machine.receive(message(0x0F)) == []


NEWER: list[tuple[tuple[int, int], bytes]] = [
    ((5, 0), message(0x6A, AUTH)),
    ((4, 4), message(0x6B)),
    ((5, 3), message(0x54, 1)),
]


@pytest.mark.parametrize(("version", "said"), NEWER)
def test_messages_of_later_versions(version: tuple[int, int], said: bytes) -> None:
    (refused,) = agreed(version).receive(said)
    assert isinstance(refused, m.Refused)
    assert refused.fatal


WRONG: dict[str, bytes] = {
    "n of 0": message(0x3F, {"n": 0}),
    "no n": message(0x3F, {}),
    "n of -2": message(0x2F, {"n": -2}),
    "n of a string": message(0x3F, {"n": "1"}),
    "n of True": message(0x3F, {"n": True}),
    "a mode": message(0x11, {"mode": "x"}),
    "a timeout below zero": message(0x11, {"tx_timeout": -1}),
    "bookmarks of a string": message(0x11, {"bookmarks": "a"}),
    "bookmarks of numbers": message(0x11, {"bookmarks": [1]}),
    "a database of a number": message(0x10, "RETURN 1", {}, {"db": 1}),
    "metadata of a list": message(0x10, "RETURN 1", {}, {"tx_metadata": []}),
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
def test_fields_that_are_wrong_fail_the_request_alone(said: bytes) -> None:
    machine = ready()
    refused, pull = machine.receive(said + message(0x3F, {"n": 1}))
    assert isinstance(refused, m.Refused)
    assert not refused.fatal
    assert machine.admit(refused) is Admission.PERFORM
    machine.failed()
    assert machine.admit(pull) is Admission.IGNORE


def test_a_point_fails_the_request_alone() -> None:
    point = b"\xb3X\x01\xc1" + bytes(8) + b"\xc1" + bytes(8)
    run = chunked(b"\xb3\x10\x88RETURN 1\xa1\x81p\x91" + point + b"\xa0")
    machine = ready()
    refused, reset = machine.receive(run + message(0x0F))
    assert isinstance(refused, m.Refused)
    assert isinstance(refused.error, Unsupported)
    assert not refused.fatal
    assert reset == m.Reset()


def test_messages_that_are_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    hello = message(0x01, {"user_agent": "x" * limits.NEO4J_UNAUTHENTICATED_BYTES_MAX})
    (refused,) = agreed().receive(hello)
    assert isinstance(refused, m.Refused)
    assert refused.fatal
    monkeypatch.setattr(limits, "NEO4J_MESSAGE_BYTES_MAX", 80_000)
    run = b"\xb3\x10" + pack(QUERY) + b"\xa0\xa0"
    machine = ready()
    heard = [
        each
        for at in range(0, len(run), 1000)
        for each in machine.receive(chunked(run)[at : at + 1000])
    ]
    assert len(heard) == 1
    assert isinstance(heard[0], m.Refused)


@given(st.binary(max_size=80))
@settings(max_examples=300)
def test_garbage_is_no_crash(garbage: bytes) -> None:
    machine = ready()
    for each in machine.receive(garbage):
        machine.admit(each)
    for each in machine.receive(chunked(garbage) if garbage else b""):
        machine.admit(each)
    for each in BoltMachine().receive(MAGIC + garbage):
        assert isinstance(each, m.Answer | m.Refused)


def test_dates_of_4_4_are_said_in_utc_for_who_asks() -> None:
    machine = agreed((4, 4))
    date = b"\xb3I\x01\x01\x01"
    run = chunked(b"\xb3\x10\x81x\xa1\x81d" + date + b"\xa0")
    (refused,) = machine.receive(run)
    assert isinstance(refused, m.Refused)
    assert machine.patch_utc()
    (found,) = machine.receive(run)
    assert isinstance(found, m.Run)
    assert not agreed((5, 0)).patch_utc()


# States


def ready(version: tuple[int, int] = (5, 8)) -> BoltMachine:
    """One that has logged in."""
    machine = agreed(version)
    logon = (0x6A, {"scheme": "none"})
    for said in (message(0x01, {"user_agent": "t"}), *([message(*logon)] * (version > (5, 0)))):
        perform(machine, said)
    assert machine.state is State.READY
    return machine


def state_of(machine: BoltMachine) -> State:
    """What it is by now; a type checker would remember what it was."""
    return machine.state


def perform(machine: BoltMachine, said: bytes, open_results: int = 0) -> None:
    for each in machine.receive(said):
        assert machine.admit(each) is Admission.PERFORM
        machine.succeeded(each, open_results)


RUN = message(0x10, "RETURN 1", {}, {})
BEGIN, COMMIT, ROLLBACK = message(0x11, {}), message(0x12), message(0x13)
PULL, DISCARD = message(0x3F, {"n": 1}), message(0x2F, {"n": -1})
RESET, GOODBYE, LOGOFF = message(0x0F), message(0x02), message(0x6B)
ROUTE, TELEMETRY = message(0x66, {}, [], {}), message(0x54, 1)
HELLO, LOGON = message(0x01, {}), message(0x6A, {})

Steps = list[tuple[bytes, int, State]]

WAYS: dict[str, Steps] = {
    "a query": [(RUN, 1, State.STREAMING), (PULL, 1, State.STREAMING), (PULL, 0, State.READY)],
    "discarded": [(RUN, 1, State.STREAMING), (DISCARD, 0, State.READY)],
    "a transaction": [
        (BEGIN, 0, State.TX_READY),
        (RUN, 1, State.TX_STREAMING),
        (RUN, 2, State.TX_STREAMING),
        (PULL, 1, State.TX_STREAMING),
        (DISCARD, 0, State.TX_READY),
        (RUN, 1, State.TX_STREAMING),
        (PULL, 0, State.TX_READY),
        (COMMIT, 0, State.READY),
    ],
    "rolled back while streaming": [
        (BEGIN, 0, State.TX_READY),
        (RUN, 1, State.TX_STREAMING),
        (ROLLBACK, 0, State.READY),
    ],
    "between queries": [
        (ROUTE, 0, State.READY),
        (TELEMETRY, 0, State.READY),
        (RESET, 0, State.READY),
        (LOGOFF, 0, State.AUTHENTICATION),
        (LOGON, 0, State.READY),
        (GOODBYE, 0, State.DEFUNCT),
    ],
}


@pytest.mark.parametrize("steps", WAYS.values(), ids=WAYS.keys())
def test_states(steps: Steps) -> None:
    machine = ready()
    for said, open_results, state in steps:
        perform(machine, said, open_results)
        assert machine.state is state


def in_state(state: State) -> BoltMachine:
    machine = agreed() if state in (State.NEGOTIATION, State.AUTHENTICATION) else ready()
    if state is State.AUTHENTICATION:
        perform(machine, HELLO)
    elif state is State.STREAMING:
        perform(machine, RUN, 1)
    elif state in (State.TX_READY, State.TX_STREAMING):
        perform(machine, BEGIN)
        if state is State.TX_STREAMING:
            perform(machine, RUN, 1)
    elif state is State.FAILED:
        machine.failed()
    elif state is State.DEFUNCT:
        machine.ended()
    elif state is State.INTERRUPTED:
        machine.receive(RESET)
    assert machine.state is state
    return machine


ALL = {
    m.Hello: HELLO,
    m.Logon: LOGON,
    m.Logoff: LOGOFF,
    m.Run: RUN,
    m.Pull: PULL,
    m.Discard: DISCARD,
    m.Begin: BEGIN,
    m.Commit: COMMIT,
    m.Rollback: ROLLBACK,
    m.Route: ROUTE,
    m.Telemetry: TELEMETRY,
    m.Reset: RESET,
}


@pytest.mark.parametrize("state", State)
def test_what_has_no_place_ends_the_connection_or_is_ignored(state: State) -> None:
    for kind, said in ALL.items():
        machine = in_state(state)
        (request,) = machine.receive(said)
        wanted = Admission.REFUSE
        if kind in PLACES[state]:
            wanted = Admission.PERFORM
        elif state in (State.FAILED, State.INTERRUPTED):
            wanted = Admission.IGNORE
        if state is State.INTERRUPTED and kind is m.Reset:
            continue  # the first of two: see below
        assert machine.admit(request) is wanted, kind


def test_a_reset_jumps_ahead() -> None:
    machine = ready()
    run, first, pull, second = machine.receive(RUN + RESET + PULL + RESET)
    assert machine.state is State.INTERRUPTED
    assert machine.admit(run) is Admission.IGNORE
    assert machine.admit(first) is Admission.PERFORM
    machine.succeeded(first)
    assert machine.state is State.INTERRUPTED
    assert machine.admit(pull) is Admission.IGNORE
    assert machine.admit(second) is Admission.PERFORM
    machine.succeeded(second)
    assert state_of(machine) is State.READY


def test_a_reset_while_something_is_performed() -> None:
    machine = ready()
    perform(machine, BEGIN)
    (run,) = machine.receive(RUN)
    assert machine.admit(run) is Admission.PERFORM
    (reset,) = machine.receive(RESET)  # before RUN is done
    machine.succeeded(run, 1)
    assert machine.state is State.INTERRUPTED
    assert machine.admit(reset) is Admission.PERFORM
    machine.succeeded(reset)
    assert state_of(machine) is State.READY


def test_after_a_failure_all_is_ignored_until_a_reset() -> None:
    machine = ready()
    machine.receive(RUN)
    machine.failed()
    for said in (RUN, PULL, DISCARD, BEGIN, COMMIT, ROLLBACK, ROUTE, TELEMETRY, LOGOFF):
        (request,) = machine.receive(said)
        assert machine.admit(request) is Admission.IGNORE
    perform(machine, RESET)
    assert machine.state is State.READY


@pytest.mark.parametrize("version", [(4, 4), (5, 0), (5, 1)])
def test_a_login_that_fails_ends_the_connection(version: tuple[int, int]) -> None:
    machine = agreed(version)
    (hello,) = machine.receive(HELLO)
    assert machine.admit(hello) is Admission.PERFORM
    machine.failed()
    assert machine.state is State.DEFUNCT


@pytest.mark.parametrize(
    ("version", "state"), [((5, 0), State.READY), ((5, 1), State.AUTHENTICATION)]
)
def test_where_a_hello_leads(version: Any, state: State) -> None:
    machine = agreed(version)
    perform(machine, HELLO)
    assert machine.state is state
