"""The first messages of a client: which user and database it asks for, and with which settings.

Where there are users (engine/logins.py) it proves its password before it is welcomed; the database
is opened only then, so that nobody else learns which there are.

Source: PostgreSQL manual, 55.2.1 "Start-up", and 55.3 "SASL Authentication".
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fivefold.catalog.catalog import missing_database
from fivefold.engine import logins
from fivefold.engine.settings import SETTINGS
from fivefold.engine.sql import SqlSession
from fivefold.errors import Denied, FivefoldError, ProtocolFault, Unsupported
from fivefold.security.scram import MECHANISM, Conversation
from fivefold.wire.postgres import encode
from fivefold.wire.postgres import messages as m

if TYPE_CHECKING:
    from fivefold.serve.postgres.connection import PostgresConnection


def begin(connection: PostgresConnection, message: m.Startup) -> None:
    """Open the session that was asked for and welcome its client, or refuse it."""
    if message.minor or message.options:
        connection.out.append(encode.negotiate_protocol_version(message.options))
    parameters = dict(message.parameters)
    try:
        user = parameters.get("user", "")
        if user and logins.has_users(connection.server.engine):
            connection.login = Login(connection, user, parameters)
            connection.out.append(connection.machine.ask_sasl((MECHANISM,)))
        else:
            welcome(connection, parameters)
    except FivefoldError as error:
        connection.refuse(error)


class Login:
    """One client that proves its password. It is closed after the first thing that is wrong."""

    __slots__ = ("_connection", "_conversation", "_parameters", "_user")

    def __init__(
        self, connection: PostgresConnection, user: str, parameters: dict[str, str]
    ) -> None:
        self._connection, self._user, self._parameters = connection, user, parameters
        # Whose password it is says the start-up packet: libpq sends no name in its first message.
        find = partial(logins.credentials, connection.server.engine)
        self._conversation = Conversation(find, told=user)

    def begin(self, message: m.SaslInitial) -> None:
        """Take the first message of the mechanism."""
        connection = self._connection
        try:
            if message.mechanism != MECHANISM or message.data is None:
                raise self._failed()
            challenge = self._answer(message.data)
            connection.out.append(connection.machine.continue_sasl(challenge))
        except FivefoldError as error:
            connection.refuse(error)

    def finish(self, message: m.SaslResponse) -> None:
        """Take the proof; the client is welcomed, or refused."""
        connection = self._connection
        try:
            proof = self._answer(message.data)
            connection.out.append(encode.authentication_sasl_final(proof))
            connection.login = None
            connection.session.user = self._user
            welcome(connection, self._parameters)
        except FivefoldError as error:
            connection.refuse(error)

    def _answer(self, data: bytes) -> bytes:
        try:
            return self._conversation.receive(data)
        except Denied:
            raise self._failed() from None

    def _failed(self) -> Denied:
        return Denied(f'password authentication failed for user "{self._user}"', "invalid_password")


def welcome(connection: PostgresConnection, parameters: dict[str, str]) -> None:
    """Open the session that was asked for and welcome its client. Raises FivefoldError."""
    _open(connection, parameters)
    sql = connection.sql
    connection.started = sql.engine.clock.now_utc()
    connection.out.append(connection.machine.welcome())
    for name, setting in SETTINGS.items():
        if setting.reported:
            value = sql.settings.values[name]
            connection.out.append(encode.parameter_status(setting.shown, value))
    sql.settings.changed.clear()
    connection.out.append(encode.backend_key_data(connection.process_id, connection.secret))
    connection.ready()


def _signal(connection: PostgresConnection, process_id: int, terminate: bool) -> bool:
    """Signal a session: of others only if this one's user is a superuser."""
    server, sql = connection.server, connection.sql
    if sql.session.identity is not None:
        for other in server.activities():
            if other.sql.context.process_id == process_id and other.sql.user != sql.user:
                raise Denied("permission denied to cancel the query of another role")
    return server.signal(process_id, terminate)


def _open(connection: PostgresConnection, parameters: dict[str, str]) -> None:
    user = parameters.pop("user", "")
    if not user:
        raise ProtocolFault("no PostgreSQL user name specified in startup packet")
    database = parameters.pop("database", "") or user
    if parameters.pop("replication", "false") not in ("false", "off", "no", "0"):
        raise Unsupported("replication connections are not supported")
    sql = connection.sql = SqlSession(connection.session, user, database)
    # libpq names the user where no database was asked for, and a plain `psql` should work.
    if not sql.prefix and database not in sql.main_names:
        raise missing_database(database)
    sql.context.process_id = connection.process_id
    sql.context.signal = partial(_signal, connection)
    sql.peers = connection.server.activities
    settings = sql.settings
    for name, value in _options(parameters.pop("options", "")):
        settings.set(name, value)
    for name, value in parameters.items():
        if not name.startswith("_pq_."):
            settings.set(name, value)
    settings.defaults.update(settings.values)


def _options(text: str) -> list[tuple[str, str]]:
    """Take the settings out of the start-up parameter ``options``: '-c name=value …'."""
    words = text.replace("\\ ", "\0").split()
    found = []
    for at, word in enumerate(words):
        if word == "-c" and at + 1 < len(words):
            word = words[at + 1]
        elif word.startswith("-c"):
            word = word[2:]
        elif word.startswith("--"):
            word = word[2:].replace("-", "_")
        else:
            continue
        name, _, value = word.partition("=")
        found.append((name, value.replace("\0", " ")))
    return found
