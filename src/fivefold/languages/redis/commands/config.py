"""CONFIG: see ``fivefold.languages.redis.settings``."""

from __future__ import annotations

from fivefold.errors import InvalidState
from fivefold.languages.redis.arguments import bad_value, shown, syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.glob import compile_glob
from fivefold.languages.redis.settings import SETTINGS, Refusal
from fivefold.values.replies import Reply


def config_get(context: Context, args: list[bytes]) -> Reply:
    """Return the settings whose names match one of the patterns."""
    settings = context.hub.settings.all()
    if context.server is not None:
        settings[b"port"] = b"%d" % context.server.port
    patterns = [compile_glob(pattern.lower()) for pattern in args[2:]]
    return {
        name: value
        for name, value in sorted(settings.items())
        if any(matches(name) for matches in patterns)
    }


def config_set(context: Context, args: list[bytes]) -> Reply:
    """Change settings, all or none."""
    if len(args) % 2:
        raise syntax_error()
    pairs = [(name.lower(), value) for name, value in zip(args[2::2], args[3::2], strict=True)]
    for name, _ in pairs:
        if name not in SETTINGS:
            raise bad_value(
                "Unknown option or number of arguments for CONFIG SET -"
                f" '{shown(args[2 + 2 * [one for one, _ in pairs].index(name)])}'"
            )
    values: dict[bytes, bytes] = {}
    for name, value in pairs:
        try:
            if name in values:
                raise Refusal("duplicate parameter")
            values[name] = context.hub.settings.read(name, value)
        except Refusal as refusal:
            raise bad_value(
                f"CONFIG SET failed (possibly related to argument '{shown(name)}') - {refusal}"
            ) from None
    context.hub.settings.set(values)
    return "OK"


def config_rewrite(context: Context, args: list[bytes]) -> Reply:
    """Refuse: there is no file of settings that could be written."""
    raise InvalidState(
        "The server is running without a config file", "object_not_in_prerequisite_state"
    )


def config_resetstat(context: Context, args: list[bytes]) -> Reply:
    """Begin to count anew."""
    context.hub.statistics.reset()
    return "OK"


def config_help(context: Context, args: list[bytes]) -> Reply:
    """Return what CONFIG can do."""
    return [
        "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("GET <pattern> [<pattern> ...]", "    The settings whose names match."),
        *("SET <name> <value> [<name> <value> ...]", "    Change settings, all or none."),
        *("RESETSTAT", "    Begin to count anew what INFO tells."),
        *("REWRITE", "    Refused: there is no file of settings."),
        *("HELP", "    Print this help."),
    ]


_STATELESS = ("loading", "stale")
_ADMIN = ("admin", "noscript", *_STATELESS)

_CONFIG = {
    b"get": Command("config|get", config_get, -3, _ADMIN, storeless=True),
    b"help": Command("config|help", config_help, 2, _STATELESS, storeless=True),
    b"resetstat": Command("config|resetstat", config_resetstat, 2, _ADMIN, storeless=True),
    b"rewrite": Command("config|rewrite", config_rewrite, 2, _ADMIN, storeless=True),
    b"set": Command("config|set", config_set, -4, _ADMIN, storeless=True),
}

COMMANDS = (Command("config", config_help, -2, storeless=True, subcommands=_CONFIG),)
