"""From the words of a command to its reply.

``resolve`` finds the command, so that the engine knows what it wants (``writes``, ``scans``) before
it opens a transaction; ``perform`` runs it, or notes it for EXEC. ``execute`` is both.
"""

from __future__ import annotations

from fivefold.errors import Denied, FivefoldError, InvalidState, InvalidStatement, Unsupported
from fivefold.languages.redis.arguments import shown, wrong_count
from fivefold.languages.redis.command import Command, carry_out
from fivefold.languages.redis.commands import COMMANDS
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.known import KNOWN
from fivefold.languages.redis.session import Session
from fivefold.values.replies import Reply

SHOWN_BYTES_MAX = 128
"""How much of an unknown command, and of its arguments, an error message shows."""

PLAIN: dict[bytes, Command] = {
    spelling: command
    for name, command in COMMANDS.items()
    if not command.subcommands
    for spelling in (name, name.upper())
}
"""The commands without subcommands by both usual spellings: one look-up for almost all traffic."""


def execute(session: Session, context: Context, words: list[bytes]) -> Reply:
    """Run one command, or note it if the session is in MULTI. Raises FivefoldError."""
    command = PLAIN.get(words[0])
    if (
        command is None
        or session.queue is not None
        or not command.least <= len(words) <= command.most
    ):
        return perform(context, resolve(session, words), words)
    return command.handler(context, words)


def resolve(session: Session, words: list[bytes]) -> Command:
    """Return the command that ``words`` name. Raises FivefoldError, which ends a MULTI's hopes."""
    try:
        command = find(words)
        if not command.least <= len(words) <= command.most:
            refusal = wrong_count(command.name)
            if command.name == "exec":
                session.end_queue()
                raise InvalidState(
                    f"EXECABORT Transaction discarded because of: {refusal.message}",
                    "in_failed_transaction",
                )
            raise refusal
        if session.special:
            _check_special(session, command)
        if session.queue is not None and "no_multi" in command.flags:
            raise InvalidState(
                "Command not allowed inside a transaction", "object_not_in_prerequisite_state"
            )
    except FivefoldError:
        if session.queue is not None:
            session.queue_failed = True
        raise
    return command


def perform(context: Context, command: Command, words: list[bytes]) -> Reply:
    """Run a command that ``resolve`` found, or note it if the session is in MULTI."""
    session = context.session
    if session.queue is None or command.immediate:
        return carry_out(context, command, words)
    session.queue.append((command, words))
    session.queue_writes |= command.writes
    session.queue_scans |= command.scans
    return "QUEUED"


_WHILE_LISTENING = frozenset(
    f"{family}{name}" for family in ("", "p", "s") for name in ("subscribe", "unsubscribe")
) | {"ping", "quit", "reset"}


def _check_special(session: Session, command: Command) -> None:
    """Refuse what the state of the session forbids."""
    if session.stranger and "no_auth" not in command.flags:
        raise Denied("Authentication required.", "invalid_authorization")
    if session.monitoring and not {"readonly", "write"}.isdisjoint(command.flags):
        raise InvalidState(
            "Replica can't interact with the keyspace", "object_not_in_prerequisite_state"
        )
    if session.protocol == 2 and session.listening and command.name not in _WHILE_LISTENING:
        raise InvalidState(
            f"Can't execute '{command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT"
            " / RESET are allowed in this context",
            "object_not_in_prerequisite_state",
        )


def find(words: list[bytes]) -> Command:
    """Return the command that ``words`` name, however many they are. Raises FivefoldError."""
    return PLAIN.get(words[0]) or _find(words)


def writes(session: Session, command: Command) -> bool:
    """Say whether the command, run now, needs a write transaction."""
    if session.queue is None:
        return command.writes
    return command.name == "exec" and session.queue_writes


def scans(session: Session, command: Command) -> bool:
    """Say whether the command, run now, may take longer than a few look-ups."""
    if session.queue is None:
        return command.scans
    return command.name == "exec" and session.queue_scans


def _find(words: list[bytes]) -> Command:
    name = words[0].lower()
    command = COMMANDS.get(name)
    if command is None:
        if name in KNOWN:
            raise Unsupported(f"command '{name.decode()}' is not supported by fivefold yet")
        raise _unknown(words)
    if not command.subcommands or len(words) == 1:
        return command
    subcommand = command.subcommands.get(words[1].lower())
    if subcommand is not None:
        return subcommand
    full_name = b"%b|%b" % (name, words[1].lower())
    if full_name in KNOWN:
        raise Unsupported(f"command '{full_name.decode()}' is not supported by fivefold yet")
    raise InvalidStatement(
        f"unknown subcommand '{_cut(words[1])}'. Try {command.name.upper()} HELP.",
        "unknown_command",
    )


def _unknown(words: list[bytes]) -> InvalidStatement:
    arguments = ""
    for word in words[1:]:
        room = SHOWN_BYTES_MAX - len(arguments)
        if room <= 0:
            break
        arguments += f"'{_cut(word, room)}' "
    return InvalidStatement(
        f"unknown command '{_cut(words[0])}', with args beginning with: {arguments}",
        "unknown_command",
    )


def _cut(word: bytes, most: int = SHOWN_BYTES_MAX) -> str:
    """Return the beginning of a word."""
    return shown(word[:most])
