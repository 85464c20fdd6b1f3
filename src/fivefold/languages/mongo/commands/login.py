"""saslStart, saslContinue, logout: who the client is.

Source: the drivers' specification "Authentication", "SCRAM-SHA-256"; manual, "Authentication".
"""

from __future__ import annotations

from functools import partial

from fivefold.errors import Denied, FivefoldError
from fivefold.languages.mongo.arguments import missing, need, take
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.context import Context
from fivefold.security.scram import MECHANISM, Conversation, failed
from fivefold.values.documents.faults import fault
from fivefold.values.documents.kinds import Document


def mechanisms(context: Context, named: str) -> list[str]:
    """Return the mechanisms by which a user (``database.name``) can log in."""
    database, mark, name = named.partition(".")
    if not mark:
        raise fault(2, "UserName must contain a '.' separated database.user pair")
    return [MECHANISM] if context.hub.credentials(database, name) is not None else []


def speculate(context: Context, command: Document) -> Document | None:
    """Return the answer to a saslStart inside of hello; None: the client shall log in anew."""
    try:
        return _begin(context, command, str(command.get("db", "admin")))
    except FivefoldError:
        return None


def _sasl_start(context: Context, command: Document) -> Document:
    return _begin(context, command, context.request.database)


def _begin(context: Context, command: Document, database: str) -> Document:
    mechanism = command.get("mechanism")
    if mechanism != MECHANISM:
        raise fault(
            334, f"Unsupported mechanism '{mechanism}': users of fivefold log in by {MECHANISM}"
        )
    client = context.client
    client.conversation = conversation = Conversation(partial(context.hub.credentials, database))
    client.conversation_database = database
    client.skips_empty = bool(take(command, "options", "object", {}).get("skipEmptyExchange"))
    client.conversations += 1
    return _step(context, conversation, _payload(command))


def _sasl_continue(context: Context, command: Document) -> Document:
    client = context.client
    conversation = client.conversation
    if conversation is None:
        raise fault(17, "No SASL session state found")
    if need_number(command) != client.conversations:
        client.conversation = None
        raise fault(17, "sasl: Mismatched conversation id")
    if conversation.finished:
        if _payload(command):
            client.conversation = None
            raise failed()
        return _done(context, conversation, b"")
    return _step(context, conversation, _payload(command))


def need_number(command: Document) -> int:
    """Return the number of the conversation that a client goes on with."""
    number = command.get("conversationId")
    if not isinstance(number, int):
        raise missing("saslContinue.conversationId")
    return int(number)


def _payload(command: Document) -> bytes:
    payload = command.get("payload")
    if not isinstance(payload, bytes):
        raise missing(f"{next(iter(command))}.payload")
    return bytes(payload)


def _step(context: Context, conversation: Conversation, payload: bytes) -> Document:
    try:
        answer = conversation.receive(payload)
    except Denied as error:
        context.client.conversation = None
        raise fault(18, error.message) from None
    if conversation.finished and context.client.skips_empty:
        return _done(context, conversation, answer)
    return {"conversationId": context.client.conversations, "done": False, "payload": answer}


def _done(context: Context, conversation: Conversation, answer: bytes) -> Document:
    client = context.client
    client.conversation = None
    user = (client.conversation_database, conversation.name)
    if user not in client.users:
        client.users.append(user)
    return {"conversationId": client.conversations, "done": True, "payload": answer}


def _logout(context: Context, command: Document) -> Document:
    database = context.request.database
    context.client.users = [user for user in context.client.users if user[0] != database]
    return {}


def _authenticate(context: Context, command: Document) -> Document:
    raise fault(
        334, f"Unsupported mechanism '{command.get('mechanism')}': users log in by {MECHANISM}"
    )


def _connection_status(context: Context, command: Document) -> Document:
    users = [{"user": name, "db": database} for database, name in context.client.users]
    status: Document = {"authenticatedUsers": users, "authenticatedUserRoles": []}
    if command.get("showPrivileges"):
        status["authenticatedUserPrivileges"] = []
    return {"authInfo": status}


def _users_info(context: Context, command: Document) -> Document:
    if command["usersInfo"] is None:
        need(command, "usersInfo", "string")
    return {"users": []}


def _roles_info(context: Context, command: Document) -> Document:
    return {"roles": []}


_SASL = ("mechanism", "payload", "options", "db", "autoAuthorize", "conversationId")
_EARLY = ("storeless", "early")

COMMANDS = (
    Command("saslStart", _sasl_start, _SASL, (*_EARLY, "stable"), summary="Begin to log in."),
    Command("saslContinue", _sasl_continue, _SASL, (*_EARLY, "stable"), summary="Go on with it."),
    Command("logout", _logout, (), ("storeless", "early"), summary="End a login."),
    Command(
        "authenticate",
        _authenticate,
        ("mechanism", "user", "db"),
        ("storeless", "early", "stable"),
        summary="Log in by a certificate, which fivefold does not.",
    ),
    Command(
        "connectionStatus",
        _connection_status,
        ("showPrivileges",),
        ("storeless", "early", "transaction"),
        summary="Tell who the client is.",
    ),
    Command(
        "usersInfo",
        _users_info,
        (
            "showCredentials",
            "showCustomData",
            "showPrivileges",
            "filter",
            "showAuthenticationRestrictions",
        ),
        ("storeless",),
        summary="Tell about users: there are none yet.",
    ),
    Command(
        "rolesInfo",
        _roles_info,
        ("showAuthenticationRestrictions", "showBuiltinRoles", "showPrivileges"),
        ("storeless",),
        summary="Tell about roles: there are none yet.",
    ),
)
