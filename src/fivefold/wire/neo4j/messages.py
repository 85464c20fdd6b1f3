"""What a client says in Bolt: sixteen kinds of requests, and how their fields are read.

A request whose fields are wrong is a ``Refused``: it is answered by its failure, as any other
request that fails, and the connection goes on; unless it is ``fatal``.

Source: Bolt manual, "Bolt Protocol message specification".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from fivefold.errors import FivefoldError, ProtocolFault


class Version(NamedTuple):
    """A version of Bolt."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class Tag:
    """The first bytes of messages, of requests and of answers."""

    HELLO: Final = 0x01
    GOODBYE: Final = 0x02
    RESET: Final = 0x0F
    RUN: Final = 0x10
    BEGIN: Final = 0x11
    COMMIT: Final = 0x12
    ROLLBACK: Final = 0x13
    DISCARD: Final = 0x2F
    PULL: Final = 0x3F
    TELEMETRY: Final = 0x54
    ROUTE: Final = 0x66
    LOGON: Final = 0x6A
    LOGOFF: Final = 0x6B
    SUCCESS: Final = 0x70
    RECORD: Final = 0x71
    IGNORED: Final = 0x7E
    FAILURE: Final = 0x7F


LAST = -1
"""As a ``qid``: the result of the last query; as an ``n``: all records that are left."""


@dataclass(slots=True)
class Authentication:
    """Who a client says it is. ``scheme`` is "none" where it says nothing."""

    scheme: str
    principal: str
    credentials: str


@dataclass(slots=True)
class Notifications:
    """Which notifications a client wants: of what severity at least, and of which categories."""

    minimum: str | None = None
    disabled: frozenset[str] = frozenset()


@dataclass(slots=True)
class Options:
    """How a transaction is to be run. ``notifications`` is None where those of HELLO count."""

    database: str | None = None
    reads_only: bool = False
    timeout_ms: int | None = None
    bookmarks: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    impersonated: str | None = None
    notifications: Notifications | None = None


@dataclass(slots=True)
class Answer:
    """Not a request: bytes of the handshake that are to be sent as they are."""

    data: bytes


@dataclass(slots=True)
class Hello:
    """``authentication`` is None from version 5.1 on: LOGON says it."""

    user_agent: str
    authentication: Authentication | None
    routing: dict[str, str] | None
    patches: frozenset[str]
    notifications: Notifications


@dataclass(slots=True)
class Logon:
    """A client says who it is."""

    authentication: Authentication


@dataclass(slots=True)
class Logoff:
    """A client is about to be somebody else."""


@dataclass(slots=True)
class Goodbye:
    """The last words."""


@dataclass(slots=True)
class Reset:
    """Whatever is being done ends, and the client begins anew."""


@dataclass(slots=True)
class Run:
    """A query. ``options`` count outside an open transaction only."""

    query: str
    parameters: dict[str, Any]
    options: Options


@dataclass(slots=True)
class Pull:
    """``n`` more records of the result ``qid``; both may be LAST."""

    n: int
    qid: int


@dataclass(slots=True)
class Discard:
    """``n`` records of the result ``qid`` need not be sent; both may be LAST."""

    n: int
    qid: int


@dataclass(slots=True)
class Begin:
    """A transaction of several queries begins."""

    options: Options


@dataclass(slots=True)
class Commit:
    """It ends and is kept."""


@dataclass(slots=True)
class Rollback:
    """It ends and nothing of it is kept."""


@dataclass(slots=True)
class Route:
    """Which servers there are for a database; ``routing`` says how the client came here."""

    routing: dict[str, str]
    database: str | None


@dataclass(slots=True)
class Telemetry:
    """Which interface of the driver is being used."""

    api: int


@dataclass(slots=True)
class Refused:
    """A message that cannot be taken. ``fatal``: nor can any after it."""

    error: FivefoldError
    fatal: bool


Request: TypeAlias = (
    Answer
    | Hello
    | Logon
    | Logoff
    | Goodbye
    | Reset
    | Run
    | Pull
    | Discard
    | Begin
    | Commit
    | Rollback
    | Route
    | Telemetry
    | Refused
)


def malformed(message: str) -> ProtocolFault:
    """Return the error for what cannot be read."""
    return ProtocolFault(message)


# What stands in a message's dictionaries

Extra: TypeAlias = dict[str, Any]

_NAMES: dict[type, str] = {
    str: "a String",
    bool: "a Boolean",
    int: "an Integer",
    list: "a List",
    dict: "a Dictionary",
}


def _get(extra: Extra, name: str, kind: type) -> Any:
    """Return a field, None if it is missing or null. Raises ProtocolFault for another type."""
    value = extra.get(name)
    if value is None or value.__class__ is kind:
        return value
    raise malformed(f'Illegal value for field "{name}": Expected {_NAMES[kind]}')


def _strings(extra: Extra, name: str) -> tuple[str, ...]:
    found = _get(extra, name, list) or ()
    for each in found:
        if not isinstance(each, str):
            raise malformed(f'Illegal value for field "{name}": Expected a List of Strings')
    return tuple(found)


def read_authentication(extra: Extra) -> Authentication:
    """Return who a client says it is. Raises ProtocolFault."""
    scheme = _get(extra, "scheme", str)
    principal = _get(extra, "principal", str)
    # Other schemes than "basic" may have anything for credentials: it is not looked at.
    credentials = extra.get("credentials")
    return Authentication(
        scheme or "none",
        principal or "",
        credentials if isinstance(credentials, str) else "",
    )


def _read_notifications(extra: Extra) -> Notifications | None:
    minimum = _get(extra, "notifications_minimum_severity", str)
    # The second name came with version 5.5.
    names = ("notifications_disabled_categories", "notifications_disabled_classifications")
    disabled = {each.upper() for name in names for each in _strings(extra, name)}
    if minimum is None and not any(name in extra for name in names):
        return None
    return Notifications(minimum and minimum.upper(), frozenset(disabled))


def _read_options(extra: Extra) -> Options:
    if not extra:
        return Options()
    mode = _get(extra, "mode", str)
    if mode not in (None, "r", "w"):
        raise malformed('Illegal value for field "mode": Expected "r" or "w"')
    timeout_ms = _get(extra, "tx_timeout", int)
    if timeout_ms is not None and timeout_ms < 0:
        raise malformed('Illegal value for field "tx_timeout": Expected a positive Integer')
    return Options(
        _get(extra, "db", str) or None,
        mode == "r",
        timeout_ms,
        _strings(extra, "bookmarks"),
        _get(extra, "tx_metadata", dict) or {},
        _get(extra, "imp_user", str),
        _read_notifications(extra),
    )


def _read_count(extra: Extra) -> tuple[int, int]:
    n = _get(extra, "n", int)
    if n is None or n == 0 or n < LAST:
        raise malformed('Illegal value for field "n": Expecting size to be at least 1 or -1')
    qid = _get(extra, "qid", int)
    return n, LAST if qid is None else qid


# The fields of each message

Fields: TypeAlias = list[Any]


def _read_hello(fields: Fields, version: Version) -> Request:
    (extra,) = fields
    routing = _get(extra, "routing", dict)
    return Hello(
        _get(extra, "user_agent", str) or "",
        None if version >= (5, 1) else read_authentication(extra),
        routing,
        frozenset(_strings(extra, "patch_bolt")),
        _read_notifications(extra) or Notifications(),
    )


def _read_route(fields: Fields, _: Version) -> Request:
    routing, _bookmarks, extra = fields
    return Route(routing, _get(extra, "db", str) or None)


class Layout(NamedTuple):
    """The types of a message's fields, and what makes a request of them; ``since`` a version."""

    types: tuple[type, ...]
    read: Callable[[Fields, Version], Request]
    since: tuple[int, int] = (4, 4)


LAYOUTS: dict[int, Layout] = {
    Tag.HELLO: Layout((dict,), _read_hello),
    Tag.LOGON: Layout((dict,), lambda fields, _: Logon(read_authentication(fields[0])), (5, 1)),
    Tag.LOGOFF: Layout((), lambda _, __: Logoff(), (5, 1)),
    Tag.GOODBYE: Layout((), lambda _, __: Goodbye()),
    Tag.RESET: Layout((), lambda _, __: Reset()),
    Tag.RUN: Layout(
        (str, dict, dict),
        lambda fields, _: Run(fields[0], fields[1], _read_options(fields[2])),
    ),
    Tag.PULL: Layout((dict,), lambda fields, _: Pull(*_read_count(fields[0]))),
    Tag.DISCARD: Layout((dict,), lambda fields, _: Discard(*_read_count(fields[0]))),
    Tag.BEGIN: Layout((dict,), lambda fields, _: Begin(_read_options(fields[0]))),
    Tag.COMMIT: Layout((), lambda _, __: Commit()),
    Tag.ROLLBACK: Layout((), lambda _, __: Rollback()),
    Tag.ROUTE: Layout((dict, list, dict), _read_route),
    Tag.TELEMETRY: Layout((int,), lambda fields, _: Telemetry(fields[0]), (5, 4)),
}
"""Every message of a client."""
