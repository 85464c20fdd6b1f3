"""What may be said when: start-up, authentication, skipping to the Sync, COPY FROM."""

from __future__ import annotations

import struct

import pytest

from fivefold.errors import ProtocolFault
from fivefold.wire import limits
from fivefold.wire.postgres import PostgresMachine, encode
from fivefold.wire.postgres.machine import Phase
from fivefold.wire.postgres.messages import (
    CancelRequest,
    CopyData,
    CopyDone,
    CopyFail,
    EncryptionRequest,
    Execute,
    Password,
    Query,
    SaslInitial,
    SaslResponse,
    Startup,
    Sync,
    Terminate,
)
from tests.wire.test_postgres_messages import all_messages, framed, ready_machine, startup

SSL, GSS, CANCEL = 80877103, 80877104, 80877102
EXECUTE = framed(b"E", b"\0\0\0\0\0")
SYNC = framed(b"S")
QUERY = framed(b"Q", b"x\0")


class TestStartup:
    def test_byte_by_byte(self) -> None:
        data = startup(body=b"user\0me\0database\0d\0\0")
        machine = PostgresMachine()
        for at in range(len(data)):
            assert machine.next_message() is None
            machine.feed(data[at : at + 1])
        assert machine.next_message() == Startup({"user": "me", "database": "d"}, 0, ())

    def test_newer_protocols_are_talked_down(self) -> None:
        machine = PostgresMachine()
        machine.feed(startup(196610, b"user\0me\0_pq_.x\x001\0\0"))
        message = machine.next_message()
        assert message == Startup({"user": "me", "_pq_.x": "1"}, 2, ("_pq_.x",))

    def test_encryption_refused_then_in_the_clear(self) -> None:
        machine = PostgresMachine()
        machine.feed(startup(GSS, b""))
        assert machine.next_message() == EncryptionRequest("gss")
        assert machine.refuse_encryption() == b"N"
        machine.feed(startup(SSL, b""))
        assert machine.next_message() == EncryptionRequest("tls")
        # Nothing is read before the answer.
        machine.feed(startup())
        assert machine.next_message() is None
        assert machine.refuse_encryption() == b"N"
        assert isinstance(machine.next_message(), Startup)

    def test_encryption_accepted(self) -> None:
        machine = PostgresMachine()
        machine.feed(startup(SSL, b""))
        machine.next_message()
        assert machine.accept_encryption() == b"S"
        machine.feed(startup())
        assert isinstance(machine.next_message(), Startup)

    def test_what_was_slipped_in_before_encryption_is_refused(self) -> None:
        machine = PostgresMachine()
        machine.feed(startup(SSL, b"") + startup())
        machine.next_message()
        with pytest.raises(ProtocolFault, match="unencrypted data"):
            machine.accept_encryption()
        with pytest.raises(ProtocolFault, match="unencrypted data"):
            machine.next_message()

    def test_encryption_is_asked_for_once(self) -> None:
        machine = PostgresMachine()
        machine.feed(startup(SSL, b"") * 2)
        machine.next_message()
        machine.refuse_encryption()
        with pytest.raises(ProtocolFault):
            machine.next_message()

    @pytest.mark.parametrize("secret", [b"abcd", b"x" * 32])
    def test_cancel(self, secret: bytes) -> None:
        machine = PostgresMachine()
        machine.feed(startup(CANCEL, b"\0\0\0\7" + secret) + QUERY)
        assert machine.next_message() == CancelRequest(7, secret)
        assert machine.phase is Phase.CLOSED
        assert machine.next_message() is None

    @pytest.mark.parametrize(
        "data",
        [
            b"GET / HTTP/1.1\r\n",
            b"\x16\x03\x01\x02\x00",
            b"\0\0\0\0",
            struct.pack("!iI", 7, 196608),
            struct.pack("!i", limits.POSTGRES_STARTUP_BYTES_MAX + 1),
            startup(131072),
            startup(262144),
            startup(body=b""),
            startup(body=b"user\0me\0"),
            startup(body=b"user\0\0"),
            startup(body=b"user\0me"),
            startup(body=b"\0x\0\0"),
            startup(SSL, b"x"),
            startup(CANCEL, b"\0\0\0\7"),
            startup(CANCEL, b"\0\0\0\7" + b"x" * 257),
        ],
    )
    def test_garbage(self, data: bytes) -> None:
        machine = PostgresMachine()
        machine.feed(data)
        for _ in range(2):
            with pytest.raises(ProtocolFault):
                machine.next_message()
        assert machine.phase is Phase.CLOSED


class TestAuthentication:
    @staticmethod
    def introduced() -> PostgresMachine:
        machine = PostgresMachine()
        machine.feed(startup())
        machine.next_message()
        return machine

    def test_password(self) -> None:
        machine = self.introduced()
        machine.feed(framed(b"p", b"secret\0") + QUERY)
        assert machine.next_message() is None
        assert machine.ask_password() == encode.AUTHENTICATION_CLEARTEXT
        assert machine.next_message() == Password(b"secret")
        assert machine.next_message() is None
        assert machine.welcome() == encode.AUTHENTICATION_OK
        assert machine.next_message() == Query(b"x")

    def test_sasl(self) -> None:
        machine = self.introduced()
        assert b"SCRAM-SHA-256" in machine.ask_sasl(["SCRAM-SHA-256"])
        machine.feed(framed(b"p", b"SCRAM-SHA-256\0\0\0\0\3n,,"))
        assert machine.next_message() == SaslInitial("SCRAM-SHA-256", b"n,,")
        machine.continue_sasl(b"r=")
        machine.feed(framed(b"p", b"c=\0"))
        assert machine.next_message() == SaslResponse(b"c=\0")
        machine.ask_sasl(["SCRAM-SHA-256"])
        machine.feed(framed(b"p", b"X\0\xff\xff\xff\xff"))
        assert machine.next_message() == SaslInitial("X", None)

    @pytest.mark.parametrize(
        "data",
        [
            QUERY,
            framed(b"p", b"no end"),
            framed(b"p", b"two\0ends\0"),
            b"p\0\0\0\3",
            b"p" + struct.pack("!i", limits.POSTGRES_PASSWORD_BYTES_MAX + 1),
        ],
    )
    def test_garbage(self, data: bytes) -> None:
        machine = self.introduced()
        machine.ask_password()
        machine.feed(data)
        with pytest.raises(ProtocolFault):
            machine.next_message()

    @pytest.mark.parametrize("body", [b"X\0\0\0\0\2n", b"X\0\xff\xff\xff\xffn", b"X\0\0", b"X"])
    def test_sasl_garbage(self, body: bytes) -> None:
        machine = self.introduced()
        machine.ask_sasl(["X"])
        machine.feed(framed(b"p", body))
        with pytest.raises(ProtocolFault):
            machine.next_message()


class TestRecovery:
    def test_simple_queries_go_on(self) -> None:
        machine = ready_machine()
        machine.feed(QUERY + QUERY)
        assert machine.next_message() == Query(b"x")
        assert machine.fail()
        assert machine.next_message() == Query(b"x")

    def test_extended_groups_are_skipped_to_their_sync(self) -> None:
        machine = ready_machine()
        machine.feed(EXECUTE + EXECUTE + QUERY + framed(b"H") + SYNC + EXECUTE + SYNC)
        assert machine.next_message() == Execute("", 0)
        assert not machine.fail()
        assert all_messages(machine) == [Sync(), Execute("", 0), Sync()]

    def test_what_is_skipped_is_still_well_framed(self) -> None:
        machine = ready_machine()
        machine.feed(EXECUTE + framed(b"D", b"malformed") + b"?\0\0\0\4")
        machine.next_message()
        machine.fail()
        with pytest.raises(ProtocolFault):
            machine.next_message()

    def test_an_error_at_the_sync_itself(self) -> None:
        machine = ready_machine()
        machine.feed(EXECUTE + SYNC + QUERY)
        machine.next_message()
        assert machine.next_message() == Sync()
        assert machine.fail()
        assert machine.next_message() == Query(b"x")

    def test_terminate_is_not_skipped(self) -> None:
        machine = ready_machine()
        machine.feed(EXECUTE + EXECUTE + framed(b"X") + QUERY)
        machine.next_message()
        machine.fail()
        assert all_messages(machine) == [Terminate()]
        assert machine.phase is Phase.CLOSED

    def test_function_calls_are_of_the_simple_kind(self) -> None:
        machine = ready_machine()
        machine.feed(framed(b"F", b"\0\0\0\5") + QUERY)
        machine.next_message()
        assert machine.fail()
        assert machine.next_message() == Query(b"x")


class TestCopyIn:
    def test_flush_and_sync_are_passed_over(self) -> None:
        machine = ready_machine()
        machine.feed(EXECUTE + SYNC)
        machine.next_message()
        machine.begin_copy_in()
        assert machine.next_message() is None
        machine.feed(framed(b"d", b"1") + framed(b"H") + framed(b"c") + SYNC)
        assert all_messages(machine) == [CopyData(b"1"), CopyDone(), Sync()]

    @pytest.mark.parametrize("extended", [False, True])
    def test_the_server_gives_up(self, extended: bool) -> None:
        machine = ready_machine()
        machine.feed(EXECUTE if extended else QUERY)
        machine.next_message()
        machine.begin_copy_in()
        machine.feed(framed(b"d", b"1") * 3 + framed(b"c") + (SYNC if extended else QUERY))
        assert machine.next_message() == CopyData(b"1")
        assert machine.fail() is not extended
        assert all_messages(machine) == [Sync() if extended else Query(b"x")]

    @pytest.mark.parametrize("extended", [False, True])
    def test_the_client_gives_up(self, extended: bool) -> None:
        machine = ready_machine()
        machine.feed(EXECUTE if extended else QUERY)
        machine.next_message()
        machine.begin_copy_in()
        machine.feed(framed(b"f", b"why\0") + (EXECUTE + SYNC if extended else QUERY))
        assert machine.next_message() == CopyFail("why")
        assert machine.fail() is not extended
        assert all_messages(machine) == [Sync() if extended else Query(b"x")]

    @pytest.mark.parametrize("data", [QUERY, EXECUTE, framed(b"c", b"x"), framed(b"f", b"x")])
    def test_garbage(self, data: bytes) -> None:
        machine = ready_machine()
        machine.feed(QUERY)
        machine.next_message()
        machine.begin_copy_in()
        machine.feed(data)
        with pytest.raises(ProtocolFault):
            machine.next_message()

    def test_copy_messages_out_of_place_are_passed_over(self) -> None:
        machine = ready_machine()
        machine.feed(framed(b"d", b"1") + framed(b"c") + framed(b"f", b"x") + QUERY)
        assert all_messages(machine) == [Query(b"x")]
