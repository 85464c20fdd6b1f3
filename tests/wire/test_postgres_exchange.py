"""A Bind to Sync that came whole is seen as one exchange; anything else is left to be read."""

from __future__ import annotations

import pytest

from fivefold.wire.postgres.machine import PostgresMachine
from fivefold.wire.postgres.messages import Bind, Describe, Execute, Query, Sync
from tests.wire.test_postgres_messages import all_messages, framed, ready_machine

BIND = framed(b"B", b"\0s1\0" + b"\0\0" + b"\0\1" + b"\0\0\0\2" + b"42" + b"\0\0")
DESCRIBE = framed(b"D", b"P\0")
EXECUTE = framed(b"E", b"\0" + b"\0\0\0\0")
SYNC = framed(b"S", b"")
WANTED = Bind("", "s1", (), [b"42"], ())


def fed(data: bytes) -> PostgresMachine:
    machine = ready_machine()
    machine.feed(data)
    return machine


@pytest.mark.parametrize("described", [True, False])
def test_taken_as_one(described: bool) -> None:
    whole = BIND + (DESCRIBE if described else b"") + EXECUTE + SYNC
    machine = fed(whole + whole + framed(b"Q", b"SELECT 1\0"))
    for _ in range(2):
        assert machine.peek_exchange() == (WANTED, described)
        assert machine.peek_exchange() == (WANTED, described)
        machine.take_exchange()
    assert machine.peek_exchange() is None
    assert machine.next_message() == Query(b"SELECT 1")
    assert machine.fail()


def test_an_error_after_it_is_ready_at_once() -> None:
    machine = fed(BIND + EXECUTE + SYNC + BIND)
    assert machine.peek_exchange() is not None
    machine.take_exchange()
    assert machine.fail()  # its Sync was the last message read: ReadyForQuery is due
    assert machine.next_message() == WANTED


def test_not_taken_it_is_read_message_by_message() -> None:
    machine = fed(BIND + DESCRIBE + EXECUTE + SYNC)
    assert machine.peek_exchange() is not None
    assert all_messages(machine) == [WANTED, Describe("portal", ""), Execute("", 0), Sync()]


def test_only_when_all_of_it_is_here() -> None:
    whole = BIND + DESCRIBE + EXECUTE + SYNC
    machine = ready_machine()
    for byte in whole[:-1]:
        machine.feed(bytes((byte,)))
        assert machine.peek_exchange() is None
    machine.feed(whole[-1:])
    assert machine.peek_exchange() == (WANTED, True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SYNC,
        BIND,
        BIND + EXECUTE,
        BIND + EXECUTE + framed(b"H", b""),
        BIND + framed(b"D", b"Ss1\0") + EXECUTE + SYNC,
        BIND + framed(b"E", b"\0" + b"\0\0\0\5") + SYNC,
        framed(b"B", b"p\0s1\0" + b"\0\0" + b"\0\0" + b"\0\0") + EXECUTE + SYNC,
        framed(b"B", b"\0s1\0" + b"\0\0" + b"\0\1") + EXECUTE + SYNC,
        b"B\xff\xff\xff\xff" + EXECUTE + SYNC,
        b"B\0\0\0\0" + EXECUTE + SYNC,
    ],
)
def test_anything_else_is_left(data: bytes) -> None:
    assert fed(data).peek_exchange() is None


def test_what_is_skipped_is_no_exchange() -> None:
    machine = fed(BIND + BIND + EXECUTE + SYNC + BIND + EXECUTE + SYNC)
    assert machine.next_message() == WANTED
    assert not machine.fail()
    assert machine.peek_exchange() is None
    assert machine.next_message() == Sync()
    assert machine.peek_exchange() == (WANTED, False)
