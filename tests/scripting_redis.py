"""Redis commands as scripts run them: words as redis-cli takes them, replies as it shows them.

Every named session is a client of its own over one store. The clock stands still; the tag
``later-1500`` moves it by so many milliseconds before the statement runs.
"""

from __future__ import annotations

from fivefold.errors import FivefoldError, InvalidStatement
from fivefold.values.replies import NIL_ARRAY, Digits, Reply, Verbatim
from fivefold.values.replyerrors import error_text
from fivefold.wire.redis.decode import split_inline
from tests.languages.redis.rig import Client, Rig


class RedisInterpreter:
    """The interpreter of tests/scripts/redis."""

    def __init__(self, url: str) -> None:
        self._rig = Rig(url)
        self._clients: dict[str, Client] = {}

    def run(self, session_name: str, statement: str, tags: frozenset[str]) -> str:
        """Run one command; see ``tests.scripting.Interpreter``."""
        for tag in tags:
            if tag.startswith("later-"):
                self._rig.clock.advance(int(tag.removeprefix("later-")))
        client = self._clients.get(session_name)
        if client is None:
            client = self._clients[session_name] = self._rig.client()
        words = split_inline(statement.encode())
        if not words:
            raise InvalidStatement("unbalanced quotes in request")
        return show(client.run(*words))

    def close(self) -> None:
        """Close the clients and the store."""
        self._rig.close()


def show(reply: Reply, indent: str = "") -> str:
    """Return a reply as redis-cli shows it on a terminal."""
    match reply:
        case None:
            return "(nil)"
        case _ if reply is NIL_ARRAY:
            return "(nil)"
        case str():
            return reply
        case bytes():
            return quote(reply)
        case bool():
            return f"({str(reply).lower()})"
        case int():
            return f"(integer) {reply}"
        case float():
            return f"(double) {reply:.17g}"
        case Digits():
            return f"(double) {reply.text.decode()}"
        case FivefoldError():
            return f"(error) {error_text(reply)}"
        case Verbatim():
            return reply.text.decode().rstrip()
        case list() | tuple():
            return _numbered(list(reply), indent)
        case set() | frozenset():
            return _numbered(sorted(reply, key=repr), indent)
        case dict():
            return _numbered([part for pair in reply.items() for part in pair], indent)
    raise AssertionError(reply)


def _numbered(items: list[Reply], indent: str) -> str:
    if not items:
        return "(empty array)"
    width = len(str(len(items))) + 2
    lines = (
        f"{number:>{width - 2}}) {show(item, indent + ' ' * width)}"
        for number, item in enumerate(items, 1)
    )
    return f"\n{indent}".join(lines)


def quote(text: bytes) -> str:
    """Return bytes in double quotes, what is no plain letter escaped."""
    escapes = {ord('"'): '\\"', ord("\\"): "\\\\", 10: "\\n", 13: "\\r", 9: "\\t"}
    shown = (
        escapes.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in text
    )
    return f'"{"".join(shown)}"'
