"""The settings of a SQL session: what SET takes, SHOW tells and the protocol reports.

A setting that would change meaning in a way fivefold does not follow is refused, never ignored:
only what has no bearing here (where PostgreSQL would put a table's file, say) is taken and kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo

from fivefold.engine.limits import IDLE_TRANSACTION_SECONDS
from fivefold.errors import InvalidState, InvalidStatement, InvalidValue, Unsupported
from fivefold.values.zones import setting_name, zone_setting

SERVER_VERSION = "15.0"
"""The PostgreSQL whose behaviour is followed; clients choose their queries by it."""

_UNITS_MS = {"us": 0.001, "ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*")
_WORDS_ON = frozenset({"on", "true", "yes", "1", "t", "y"})
_WORDS_OFF = frozenset({"off", "false", "no", "0", "f", "n"})


def _any(name: str, value: str) -> str:
    return value


def _boolean(name: str, value: str) -> str:
    word = value.lower()
    if word in _WORDS_ON:
        return "on"
    if word in _WORDS_OFF:
        return "off"
    raise InvalidValue(f'parameter "{name}" requires a Boolean value', "invalid_parameter_value")


def _duration(name: str, value: str) -> str:
    found = _DURATION.fullmatch(value)
    if found is None:
        raise _invalid(name, value)
    milliseconds = round(float(found[1]) * _UNITS_MS[found[2] or "ms"])
    if not 0 <= milliseconds < 2**31:
        raise InvalidValue(
            f'{milliseconds} ms is outside the valid range for parameter "{name}" '
            "(0 .. 2147483647)",
            "invalid_parameter_value",
        )
    for unit in ("d", "h", "min", "s"):
        if milliseconds and milliseconds % _UNITS_MS[unit] == 0:
            return f"{int(milliseconds // _UNITS_MS[unit])}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0"


def _encoding(name: str, value: str) -> str:
    if value.strip("'\" ").upper().replace("-", "").replace("_", "") in ("UTF8", "UNICODE"):
        return "UTF8"
    raise Unsupported(
        f'client encoding "{value}" is not supported', hint="Use client_encoding UTF8."
    )


def _date_style(name: str, value: str) -> str:
    words = {word.strip().upper() for word in value.split(",")}
    if words <= {"ISO", "MDY", "US", "NONEUROPEAN", ""}:
        return "ISO, MDY"
    raise Unsupported(
        f'DateStyle "{value}" is not supported', hint="Use 'ISO, MDY', which fivefold always has."
    )


def _zone(name: str, value: str) -> str:
    if value.lower() in ("default", "local"):
        return "UTC"
    if zone_setting(value) is None:
        raise InvalidValue(
            f'invalid value for parameter "TimeZone": "{value}"', "invalid_parameter_value"
        )
    return setting_name(value)


def _one_of(*words: str) -> Callable[[str, str], str]:
    def check(name: str, value: str) -> str:
        if value.lower() in words:
            return value.lower()
        from fivefold.engine.server_settings import one_of

        return one_of(name, value, words)

    return check


def _digits(name: str, value: str) -> str:
    try:
        digits = int(value)
    except ValueError:
        raise _invalid(name, value) from None
    if not -15 <= digits <= 3:
        raise InvalidValue(f'{digits} is outside the valid range for parameter "{name}" (-15 .. 3)')
    if digits < 1:
        raise Unsupported(
            f"{name} {digits} is not supported", hint="Use 1: floats are shown exactly."
        )
    return str(digits)


def _only(*words: str) -> Callable[[str, str], str]:
    """Take the words that describe what fivefold does anyway; refuse any other."""

    def check(name: str, value: str) -> str:
        if value.lower() in words:
            return value.lower()
        raise Unsupported(f'{name} "{value}" is not supported', hint=f"Use {words[0]}.")

    return check


def _invalid(name: str, value: str) -> InvalidValue:
    return InvalidValue(
        f'invalid value for parameter "{name}": "{value}"', "invalid_parameter_value"
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. ``shown`` is its name in PostgreSQL's spelling.

    ``reported`` settings are told to clients at start-up and whenever they change; ``fixed`` ones
    cannot be set.
    """

    shown: str
    default: str
    check: Callable[[str, str], str] = _any
    reported: bool = False
    fixed: bool = False


_LEVELS = _one_of("serializable", "repeatable read", "read committed", "read uncommitted")
_LEVELS_OF_MESSAGES = _one_of(
    "debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"
)

_LEVELS_OF_LOG = _one_of(
    "debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning", "error", "log",
    "fatal", "panic",
)  # fmt: skip

SETTINGS: dict[str, Setting] = {
    setting.shown.lower(): setting
    for setting in (
        Setting("application_name", "", reported=True),
        Setting("backslash_quote", "safe_encoding"),
        Setting("bytea_output", "hex", _one_of("escape", "hex")),
        Setting("check_function_bodies", "on", _boolean),
        Setting("client_encoding", "UTF8", _encoding, reported=True),
        Setting("client_min_messages", "notice", _LEVELS_OF_MESSAGES),
        Setting("DateStyle", "ISO, MDY", _date_style, reported=True),
        Setting("default_table_access_method", "heap"),
        Setting("default_tablespace", ""),
        Setting("default_toast_compression", "pglz"),
        Setting("default_transaction_deferrable", "off", _boolean),
        Setting("default_transaction_isolation", "serializable", _LEVELS),
        Setting("default_transaction_read_only", "off", _boolean, reported=True),
        Setting("extra_float_digits", "1", _digits),
        Setting("idle_in_transaction_session_timeout",
                f"{int(IDLE_TRANSACTION_SECONDS)}s", _duration),
        Setting("idle_session_timeout", "0", _duration),
        Setting("in_hot_standby", "off", reported=True, fixed=True),
        Setting("integer_datetimes", "on", reported=True, fixed=True),
        Setting("IntervalStyle", "postgres", _only("postgres"), reported=True),
        Setting("is_superuser", "on", reported=True, fixed=True),
        Setting("jit", "off", _boolean),
        Setting("lc_collate", "C", fixed=True),
        Setting("lc_ctype", "C.UTF-8", fixed=True),
        Setting("lc_messages", "C"),
        Setting("lc_monetary", "C"),
        Setting("lc_numeric", "C"),
        Setting("lc_time", "C"),
        Setting("lock_timeout", "0", _duration),
        Setting("log_min_messages", "warning", _LEVELS_OF_LOG),
        Setting("max_identifier_length", "63", fixed=True),
        Setting("role", "none"),
        Setting("row_security", "on", _boolean),
        Setting("search_path", '"$user", public'),
        Setting("server_encoding", "UTF8", reported=True, fixed=True),
        Setting("server_version", SERVER_VERSION, reported=True, fixed=True),
        Setting("server_version_num", "150000", fixed=True),
        Setting("session_authorization", "", reported=True),
        Setting("standard_conforming_strings", "on", _only("on"), reported=True),
        Setting("statement_timeout", "0", _duration),
        Setting("synchronous_commit", "on",
                _one_of("local", "remote_write", "remote_apply", "on", "off")),
        Setting("TimeZone", "UTC", _zone, reported=True),
        Setting("transaction_deferrable", "off", _boolean),
        Setting("transaction_isolation", "serializable", _LEVELS),
        Setting("transaction_read_only", "off", _boolean),
        Setting("xmloption", "content", _one_of("content", "document")),
    )
}  # fmt: skip

Mark = tuple[dict[str, str], dict[str, str]]
"""All values at a savepoint, and those that SET LOCAL had replaced by then."""

_ALIASES = {"time zone": "timezone", "names": "client_encoding"}
_OF_TRANSACTIONS = {
    "transaction_deferrable": "default_transaction_deferrable",
    "transaction_isolation": "default_transaction_isolation",
}
_OF_USERS = frozenset({"role", "session_authorization"})
_CUSTOM = re.compile(r"[a-z_\x80-\U0010ffff][\w$]*(?:\.[a-z_\x80-\U0010ffff][\w$]*)+")


class Settings:
    """The values of one session; a transaction's end takes back what was SET LOCAL in it."""

    def __init__(self, user: str) -> None:
        self.defaults = {name: setting.default for name, setting in SETTINGS.items()}
        self.defaults["session_authorization"] = user
        self.values = dict(self.defaults)
        self._before_local: dict[str, str] = {}
        self._before: dict[str, str] | None = None  # at the transaction's begin
        self.changed: list[str] = []  # reported settings that the client has not been told of
        self._derive()

    def _derive(self) -> None:
        self.zone: tzinfo = zone_setting(self.values["timezone"]) or UTC
        user = self.values["session_authorization"]
        self.search_path = search_path(self.values["search_path"], user)
        self.statement_timeout_ms = duration_ms(self.values["statement_timeout"])
        self.lock_timeout_ms = duration_ms(self.values["lock_timeout"])

    def get(self, name: str) -> str:
        """Return a setting's value. Raises InvalidStatement for an unknown name."""
        key = _key(name)
        if self._before is None:  # the next transaction's
            key = _OF_TRANSACTIONS.get(key, key)
        found = self.values.get(key)
        if found is not None:
            return found
        from fivefold.engine.server_settings import others, unknown

        other = others().get(key)
        if other is None:
            raise unknown(name)
        return other.shown

    def find(self, name: str) -> str | None:
        """Return a setting's value, or None for an unknown name."""
        try:
            return self.get(name)
        except InvalidStatement:
            return None

    def all(self) -> list[tuple[str, str]]:
        """Return every setting and its value, by name."""
        from fivefold.engine.server_settings import others

        found = {name: other.shown for name, other in others().items()}
        found |= {self.shown(name): value for name, value in self.values.items()}
        return sorted(found.items(), key=lambda pair: pair[0].lower())

    def shown(self, name: str) -> str:
        """Return the name as SHOW heads its column."""
        known = SETTINGS.get(_key(name))
        return _key(name) if known is None else known.shown

    def set(self, name: str, value: str | None, *, local: bool = False) -> None:
        """Set a setting, to its default if ``value`` is None."""
        key = _key(name)
        setting = SETTINGS.get(key)
        if setting is None:
            new = self._other(name, key, value)
        elif setting.fixed:
            raise InvalidState(
                f'parameter "{setting.shown}" cannot be changed', "cant_change_runtime_param"
            )
        else:
            new = self.defaults[key] if value is None else setting.check(setting.shown, value)
            if key in _OF_USERS:
                self._check_user(new)
        if not local:
            self._before_local.pop(key, None)
        elif key not in self._before_local:
            self._before_local[key] = self.values.get(key, self.defaults.get(key, ""))
        self._put(key, new)

    def _other(self, name: str, key: str, value: str | None) -> str:
        """Return the value of a setting that means nothing here, or of a program's own."""
        from fivefold.engine.server_settings import others, unknown

        other = others().get(key)
        if other is None:
            if not _CUSTOM.fullmatch(key):
                raise unknown(name)
            self.defaults.setdefault(key, "")
            return value or ""
        self.defaults.setdefault(key, other.shown)
        return other.check(other.shown if value is None else value, _boolean)

    def _check_user(self, name: str) -> None:
        if name not in ("none", self.defaults["session_authorization"]):
            raise InvalidValue(f'role "{name}" does not exist')

    def _put(self, key: str, value: str) -> None:
        if self.values.get(key) != value:
            self.values[key] = value
            known = SETTINGS.get(key)
            if known is not None:
                if known.reported and key not in self.changed:
                    self.changed.append(key)
                self._derive()

    def reset_all(self) -> None:
        """Set every setting to its default."""
        for key in list(self.values):
            if key not in SETTINGS or not SETTINGS[key].fixed:
                self._put(key, self.defaults[key])

    def begin(self) -> None:
        """Remember the values, for a rollback; the transaction's own are the defaults' at first."""
        for own, default in _OF_TRANSACTIONS.items():
            self.values[own] = self.values[default]
        self._before = dict(self.values)

    def mark(self) -> Mark:
        """Return what ``go_back`` needs to come back to this moment of the transaction."""
        return dict(self.values), dict(self._before_local)

    def go_back(self, mark: Mark) -> None:
        """Undo what was set since ``mark``."""
        values, before_local = mark
        for key in list(self.values):
            self._put(key, values.get(key, self.defaults[key]))
        self._before_local = dict(before_local)

    def end(self, *, commit: bool) -> bool:
        """Take back what was local, and after a rollback all that was set since ``begin``.

        Returns whether anything changed by that.
        """
        before, self._before = self._before, None
        kept = self.values
        now = dict(kept)
        if before is not None and not commit:
            for key in list(self.values):
                self._put(key, before.get(key, self.defaults[key]))
        else:
            for key, value in self._before_local.items():
                self._put(key, value)
        self._before_local.clear()
        return now != kept


def _key(name: str) -> str:
    lower = name.lower()
    return _ALIASES.get(lower, lower)


def duration_ms(shown: str) -> int:
    """Return the milliseconds of a setting that ``_duration`` wrote."""
    found = _DURATION.fullmatch(shown)
    assert found is not None, shown
    return int(float(found[1]) * _UNITS_MS[found[2] or "ms"])


def search_path(value: str, user: str) -> tuple[str, ...]:
    """Return the namespaces of a search_path, ``$user`` resolved."""
    parts = re.findall(r'"((?:[^"]|"")*)"|([^\s,]+)', value)
    names = [quoted.replace('""', '"') or plain.lower() for quoted, plain in parts]
    return tuple(user if name == "$user" else name for name in names)
