"""Plays a sequence on both sides, compares every reply, and at the end everything there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.languages.redis.sequences.compare import Node, Words, agree, parse
from tests.languages.redis.sequences.sides import AUDITOR, CLIENTS, Side
from tests.languages.redis.sequences.steps import Advance, Restore, Say, Step, Turn
from tests.languages.redis.sequences.words import START_MS

DATABASES = (b"0", b"1")
_HOLDS = {b"SRANDMEMBER": b"SISMEMBER", b"HRANDFIELD": b"HEXISTS", b"ZRANDMEMBER": b"ZSCORE"}
# How everything a key holds is read.
_CONTENT: dict[bytes, tuple[tuple[bytes, ...], ...]] = {
    b"string": ((b"GET", b"?"),),
    b"hash": ((b"HGETALL", b"?"), (b"HLEN", b"?")),
    b"list": ((b"LRANGE", b"?", b"0", b"-1"), (b"LLEN", b"?")),
    b"set": ((b"SMEMBERS", b"?"), (b"SCARD", b"?")),
    b"zset": ((b"ZRANGE", b"?", b"0", b"-1", b"WITHSCORES"), (b"ZCARD", b"?")),
    b"stream": ((b"XRANGE", b"?", b"-", b"+"), (b"XINFO", b"STREAM", b"?", b"FULL")),
}


class Differs(AssertionError):
    """The sides do not agree; the message is the sequence up to there, to be typed again."""


class Play:
    """One sequence on two sides. ``tell`` sets both clocks, in milliseconds since 1970."""

    def __init__(
        self, ours: Side, theirs: Side, tell: Callable[[int], None], *, piped: bool = False
    ) -> None:
        self._ours, self._theirs, self._tell, self._piped = ours, theirs, tell, piped
        self._now_ms = START_MS
        self._queues: list[list[Words] | None] = [None] * CLIENTS
        self._said: list[str] = []

    def run(self, turns: Sequence[Turn]) -> None:
        """Play the turns. Raises Differs."""
        self._begin()
        for turn in turns:
            if self._piped and len(turn) > 1 and all(isinstance(step, Say) for step in turn):
                self._pipeline([step for step in turn if isinstance(step, Say)])
            else:
                for step in turn:
                    self._step(step)
        self._audit()

    def _begin(self) -> None:
        self._tell(START_MS)
        for side in (self._ours, self._theirs):
            for who in range(CLIENTS):
                side.answer(who, (b"RESET",))
            side.answers(AUDITOR, [(b"RESET",), (b"FLUSHALL",), (b"SCRIPT", b"FLUSH")])

    def _step(self, step: Step) -> None:
        match step:
            case Advance(ms):
                self._now_ms += ms
                self._tell(self._now_ms)
                self._said.append(f"# {ms} milliseconds later, at {self._now_ms}")
            case Say(who, words, waits):
                if waits and self._queues[who] is None:
                    return
                self._said.append(line(who, words))
                ours, theirs = self._ours.answer(who, words), self._theirs.answer(who, words)
                self._compare(who, words, ours, theirs)
            case Restore(who, source, words, cut):
                self._restore(who, source, words, cut)

    def _pipeline(self, steps: list[Say]) -> None:
        """Say what one client says in a row at once."""
        while steps:
            who = steps[0].who
            same = 0
            while same < len(steps) and steps[same].who == who and not steps[same].waits:
                same += 1
            if not same:
                self._step(steps[0])
                steps = steps[1:]
                continue
            together, steps = [step.words for step in steps[:same]], steps[same:]
            if any(words[0].upper() == b"SPOP" for words in together):
                for words in together:
                    self._step(Say(who, words))
                continue
            every = self._ours.answers(who, together)
            for words, ours in zip(together, every, strict=True):
                self._said.append(line(who, words))
                self._compare(who, words, ours, self._theirs.answer(who, words))

    def _restore(self, who: int, source: bytes, words: Words, cut: bool) -> None:
        shown = line(who, (b"RESTORE", *words[:2], b"DUMP of " + source, *words[2:]))
        self._said.append(shown + (" # without its last byte" if cut else ""))
        replies = []
        for side in (self._ours, self._theirs):
            payload = parse(side.answer(AUDITOR, (b"DUMP", source)))[0].text
            payload = payload[:-1] if cut else payload
            replies.append(side.answer(who, (b"RESTORE", *words[:2], payload, *words[2:])))
        self._compare(who, (b"RESTORE", *words), *replies)

    def _compare(self, who: int, words: Words, ours: bytes, theirs: bytes) -> None:
        queue = self._queues[who]
        if not agree(words, ours, theirs, queue or []):
            self._fail(ours, theirs)
        name = words[0].upper()
        if queue is None:
            self._follow(who, words, name, ours, theirs)
        if name == b"MULTI" and ours == b"+OK\r\n":
            self._queues[who] = []
        elif ours == b"+QUEUED\r\n" and queue is not None:
            queue.append(words)
        elif name in (b"EXEC", b"DISCARD", b"RESET"):
            self._queues[who] = None

    def _follow(self, who: int, words: Words, name: bytes, ours: bytes, theirs: bytes) -> None:
        """Where chance chose: what we gave must be there, and they take the same."""
        if name in _HOLDS and ours[:1] in b"*$":
            self._check_choice(who, words, _HOLDS[name], parse(ours)[0])
        if name == b"SPOP" and ours != theirs:
            mine, other = _texts(parse(ours)[0]), _texts(parse(theirs)[0])
            if sorted(mine) != sorted(other):
                self._theirs.answer(who, (b"SADD", words[1], *other))
                gone = parse(self._theirs.answer(who, (b"SREM", words[1], *mine)))[0]
                if gone.text != b"%d" % len(set(mine)):
                    self._fail(ours, theirs)

    def _check_choice(self, who: int, words: Words, holds: bytes, reply: Node) -> None:
        items = (reply,) if reply.kind == b"$" and reply.text != b"-1" else reply.items
        if len(words) == 4:  # with values
            items = (
                tuple(item.items[0] for item in items)
                if items[0:1] and items[0].items
                else items[::2]
            )
        found = [item.text for item in items]
        for text in found:
            if self._theirs.answer(who, (holds, words[1], text)) in (
                b":0\r\n",
                b"$-1\r\n",
                b"_\r\n",
            ):
                self._fail(text, b"(no such member)")
        if len(words) > 2 and not words[2].startswith(b"-") and len(set(found)) < len(found):
            self._fail(b" ".join(found), b"(members differ from each other)")

    def _audit(self) -> None:
        self._said.append("# then everything is read")
        for database in DATABASES:
            select = (b"SELECT", database)
            _, found = self._both([select, (b"KEYS", b"*")])
            keys = sorted(_texts(parse(found)[0]))
            kinds = self._both([(b"TYPE", key) for key in keys])
            self._both([(b"PEXPIRETIME", key) for key in keys])
            self._both(
                [
                    tuple(key if word == b"?" else word for word in words)
                    for key, kind in zip(keys, kinds, strict=True)
                    for words in _CONTENT[parse(kind)[0].text]
                ]
            )

    def _both(self, several: list[Words]) -> list[bytes]:
        """Have both auditors say the same, all at once."""
        if not several:
            return []
        every = [side.answers(AUDITOR, several) for side in (self._ours, self._theirs)]
        for words, ours, theirs in zip(several, *every, strict=True):
            if not agree(words, ours, theirs, []):
                self._said.append(line(AUDITOR, words))
                self._fail(ours, theirs)
        return every[1]

    def _fail(self, ours: bytes, theirs: bytes) -> None:
        said = "\n".join(self._said)
        raise Differs(f"\n{said}\nours:   {ours!r}\ntheirs: {theirs!r}")


def _texts(node: Node) -> list[bytes]:
    return [item.text for item in node.items] if node.items else [node.text] * (node.kind == b"$")


def line(who: int, words: Sequence[bytes]) -> str:
    """Return a command as one types it into redis-cli, with the client's number in front."""
    return f"client {who}> " + " ".join(map(_quoted, words))


def _quoted(word: bytes) -> str:
    if (
        word
        and word.decode("latin-1").isprintable()
        and not set(word) & set(b" '\"\\")
        and word.isascii()
    ):
        return word.decode()
    inner = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\' else _escaped(byte)
        for byte in word
    )
    return f'"{inner}"'


def _escaped(byte: int) -> str:
    return f"\\{chr(byte)}" if chr(byte) in '"\\' else f"\\x{byte:02x}"
