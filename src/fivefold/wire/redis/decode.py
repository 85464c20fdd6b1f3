"""How commands are spelled: the multibulk form, lengths, and inline requests.

Source: "Redis serialization protocol specification" (redis.io), sections "Sending commands to a
Redis server" and "Inline commands"; the finer points are redis-server 7.0's observed behaviour,
which the tests compare with.
"""

from __future__ import annotations

import re

from fivefold.wire.redis.messages import Command

_COUNTS = {b"*%d" % count: count for count in range(1, 129)}
_BULK_HEADERS = [b"$%d" % length for length in range(4096)]


def split_commands(data: bytes) -> tuple[list[Command], bytes]:
    """Return the whole commands `data` begins with, and what is left from there on.

    Splits at line ends and believes a piece only if its length is the one announced, so what it
    returns is exactly what a step-by-step reader would; it stops, early but never wrongly, at the
    first command that is not whole, holds a line end in an argument, is not spelled in the
    shortest way, or is large. `machine` takes over from there.
    """
    pieces = data.split(b"\r\n")
    commands: list[Command] = []
    last = len(pieces) - 1
    headers = _BULK_HEADERS
    at = 0
    try:
        # The piece after the last line end is never a command: it begins one that is not whole.
        while at < last:
            head = pieces[at]
            if head == b"*2":
                end = at + 5
                first = pieces[at + 2]
                second = pieces[at + 4]
                if (
                    end > last
                    or pieces[at + 1] != headers[len(first)]
                    or pieces[at + 3] != headers[len(second)]
                ):
                    break
                commands.append([first, second])
            elif head == b"*3":
                end = at + 7
                first = pieces[at + 2]
                second = pieces[at + 4]
                third = pieces[at + 6]
                if (
                    end > last
                    or pieces[at + 1] != headers[len(first)]
                    or pieces[at + 3] != headers[len(second)]
                    or pieces[at + 5] != headers[len(third)]
                ):
                    break
                commands.append([first, second, third])
            else:
                end = at + 1 + 2 * _COUNTS[head]
                if end > last:
                    break
                words = pieces[at + 2 : end : 2]
                header = at + 1
                for word in words:
                    if pieces[header] != headers[len(word)]:
                        break
                    header += 2
                if header != end:
                    break
                commands.append(words)
            at = end
    except LookupError:
        pass  # a count, a length or a piece outside of what this path knows
    if at == last:
        return commands, pieces[last]
    return commands, b"\r\n".join(pieces[at:]) if at else data


_INTEGER = re.compile(rb"0|-?[1-9][0-9]{0,18}", re.ASCII)


def parse_length(digits: bytes) -> int | None:
    """Return the integer redis-server reads in `digits`, or None where it refuses.

    64 bits, no sign but a minus, no spaces, no leading zeros.
    """
    if _INTEGER.fullmatch(digits) is None:
        return None
    number = int(digits)
    return number if -(2**63) <= number < 2**63 else None


_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}
_BLANKS = b" \t\n\v\f\r"
# One step inside each kind of text. Bare words end at a blank, though not at \v and \f.
_BARE = re.compile(rb"[^ \n\r\t\"']+")
_DOUBLE = re.compile(rb"\\x([0-9a-fA-F]{2})|\\(.)|([^\"\\]+|\\)", re.DOTALL)
_SINGLE = re.compile(rb"\\(')|([^'\\]+|\\)", re.DOTALL)


def split_inline(line: bytes) -> Command | None:
    r"""Return the words of an inline request without its line end; None for unbalanced quotes.

    Words are parted by blanks. Double quotes know \n \r \t \b \a \xHH and any other character
    after a backslash as itself; single quotes know \'. A quote may open within a word, but what
    follows the closing quote must be a blank.
    """
    words: Command = []
    at, end = 0, len(line)
    while True:
        while at < end and line[at] in _BLANKS:
            at += 1
        if at == end:
            return words
        parts: list[bytes] = []
        while at < end and line[at] not in b" \n\r\t":
            if line[at] in b"\"'":
                closed = _quoted(line, at, parts)
                if closed is None:
                    return None
                at = closed
                break
            bare = _BARE.match(line, at)
            assert bare is not None
            parts.append(bare[0])
            at = bare.end()
        words.append(b"".join(parts))


def _quoted(line: bytes, at: int, parts: list[bytes]) -> int | None:
    """Append the text quoted at `at`; return the offset behind it, None if unbalanced."""
    quote = line[at]
    step = _DOUBLE if quote == ord('"') else _SINGLE
    at += 1
    while (found := step.match(line, at)) is not None:
        at = found.end()
        if step is _SINGLE:
            parts.append(found[1] or found[2])
        elif found[1] is not None:
            parts.append(bytes.fromhex(found[1].decode()))
        elif found[2] is not None:
            parts.append(_ESCAPES.get(found[2], found[2]))
        else:
            parts.append(found[3])
    if at == len(line) or line[at] != quote:
        return None
    at += 1
    return at if at == len(line) or line[at] in _BLANKS else None
