"""EVAL and its kin, and SCRIPT."""

from __future__ import annotations

from fivefold.errors import FivefoldError, InvalidState, InvalidStatement, Unsupported
from fivefold.languages.redis.arguments import bad_value, parse_int, shown
from fivefold.languages.redis.command import Command, Handler
from fivefold.languages.redis.context import Context
from fivefold.languages.redis.scripting.cache import Script
from fivefold.values.replies import Reply

# What runs scripts is imported when the first one comes: Lua takes a moment to load.

SCRIPT_FLAGS = frozenset(
    ("no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys")
)
_SHA_DIGITS = 40


def _no_script() -> FivefoldError:
    return InvalidState(
        "NOSCRIPT No matching script. Please use EVAL.", "object_not_in_prerequisite_state"
    )


def _read_shebang(source: bytes) -> tuple[bytes, frozenset[str] | None]:
    """Return the script without what its first line says of it, and its flags if it has such."""
    if not source.startswith(b"#!"):
        return source, None
    end = source.find(b"\n")
    if end < 0:
        raise bad_value("Invalid script shebang")
    words = source[:end].split()
    if words[0] != b"#!lua":
        raise bad_value(f"Unexpected engine in script shebang: {shown(words[0])}")
    flags: set[str] = set()
    for word in words[1:]:
        if not word.startswith(b"flags="):
            raise bad_value(f"Unknown lua shebang option: {shown(word)}")
        for flag in word[6:].split(b",") if word[6:] else ():
            if shown(flag) not in SCRIPT_FLAGS:
                raise bad_value(f"Unexpected flag in script shebang: {shown(flag)}")
            flags.add(shown(flag))
    return source[end:], frozenset(flags)


def _know(context: Context, source: bytes) -> Script:
    """Return the script with this text, compiled if it is new."""
    from fivefold.languages.redis.scripting.helpers import sha1hex

    scripts = context.hub.scripts
    sha = sha1hex(source)
    script = scripts.find(sha)
    if script is None:
        body, flags = _read_shebang(source)
        script = Script(sha, body, flags)
        interpreter = scripts.take()
        problem = interpreter.compile(sha, body)
        scripts.give_back(interpreter)
        if problem is not None:
            raise InvalidStatement(
                f"Error compiling script (new function): {shown(problem)}", "syntax_error"
            )
        scripts.add(script)
    return script


def _evaluate(context: Context, args: list[bytes], *, by_sha: bool, read_only: bool) -> Reply:
    if by_sha and len(args[1]) != _SHA_DIGITS:
        raise _no_script()
    count = parse_int(args[2])
    if count > len(args) - 3:
        raise bad_value("Number of keys can't be greater than number of args")
    if count < 0:
        raise bad_value("Number of keys can't be negative")
    script = context.hub.scripts.find(args[1].lower()) if by_sha else _know(context, args[1])
    if script is None:
        raise _no_script()
    if script.flags is not None:
        if read_only and "no-writes" not in script.flags:
            raise bad_value("Can not execute a script with write flag using *_ro command.")
        read_only = read_only or "no-writes" in script.flags
    from fivefold.languages.redis.scripting.run import run_script

    return run_script(context, script, args[3 : 3 + count], args[3 + count :], read_only)


def eval_(context: Context, args: list[bytes]) -> Reply:
    """Run a Lua script."""
    return _evaluate(context, args, by_sha=False, read_only=False)


def eval_ro(context: Context, args: list[bytes]) -> Reply:
    """Run a Lua script that only reads."""
    return _evaluate(context, args, by_sha=False, read_only=True)


def evalsha(context: Context, args: list[bytes]) -> Reply:
    """Run a Lua script that is known, by its SHA1."""
    return _evaluate(context, args, by_sha=True, read_only=False)


def evalsha_ro(context: Context, args: list[bytes]) -> Reply:
    """Run a Lua script that is known and only reads, by its SHA1."""
    return _evaluate(context, args, by_sha=True, read_only=True)


def script_load(context: Context, args: list[bytes]) -> Reply:
    """Remember a script and return its SHA1."""
    return _know(context, args[2]).sha


def script_exists(context: Context, args: list[bytes]) -> Reply:
    """Say which scripts are known."""
    scripts = context.hub.scripts
    return [int(scripts.find(sha.lower()) is not None) for sha in args[2:]]


def script_flush(context: Context, args: list[bytes]) -> Reply:
    """Forget all scripts."""
    if len(args) > 3 or (len(args) == 3 and args[2].upper() not in (b"SYNC", b"ASYNC")):
        raise bad_value("SCRIPT FLUSH only support SYNC|ASYNC option")
    context.hub.scripts.clear()
    return "OK"


def script_kill(context: Context, args: list[bytes]) -> Reply:
    """End the scripts that are running, and undo what they did."""
    if not context.hub.scripts.kill():
        raise InvalidState(
            "NOTBUSY No scripts in execution right now.", "invalid_transaction_state"
        )
    return "OK"


def script_debug(context: Context, args: list[bytes]) -> Reply:
    """Refuse to debug; NO is what holds anyway."""
    mode = args[2].upper()
    if mode == b"NO":
        return "OK"
    if mode in (b"YES", b"SYNC"):
        raise Unsupported("fivefold has no debugger for scripts: use redis.call('publish', …)")
    raise bad_value("Use SCRIPT DEBUG YES/SYNC/NO")


def script_help(context: Context, args: list[bytes]) -> Reply:
    """Return what SCRIPT can do."""
    return [
        "SCRIPT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        *("DEBUG NO", "    There is no debugger."),
        *("EXISTS <sha1> [<sha1> ...]", "    Which of these scripts are known."),
        *("FLUSH [ASYNC|SYNC]", "    Forget all scripts."),
        *("KILL", "    End the scripts that are running, and undo what they did."),
        *("LOAD <script>", "    Remember a script."),
        *("HELP", "    Print this help."),
    ]


_EVAL = ("noscript", "stale", "skip_monitor", "no_mandatory_keys", "movablekeys")
_QUIET = ("noscript",)


def _on_script(name: str, handler: Handler, arity: int, *flags: str) -> tuple[bytes, Command]:
    return name.encode(), Command(f"script|{name}", handler, arity, flags, storeless=True)


_SCRIPT = dict(
    [
        _on_script("debug", script_debug, 3, *_QUIET),
        _on_script("exists", script_exists, -3, *_QUIET),
        _on_script("flush", script_flush, -2, *_QUIET),
        _on_script("help", script_help, 2, "loading", "stale"),
        _on_script("kill", script_kill, 2, *_QUIET, "allow_busy"),
        _on_script("load", script_load, 3, *_QUIET, "stale"),
    ]
)

COMMANDS = (
    Command("eval", eval_, -3, _EVAL, may_write=True),
    Command("eval_ro", eval_ro, -3, (*_EVAL, "readonly")),
    Command("evalsha", evalsha, -3, _EVAL, may_write=True),
    Command("evalsha_ro", evalsha_ro, -3, (*_EVAL, "readonly")),
    Command("script", script_help, -2, storeless=True, subcommands=_SCRIPT),
)
