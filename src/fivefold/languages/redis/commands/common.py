"""LCS: the longest common subsequence of two strings."""

from __future__ import annotations

from array import array

from fivefold.languages.redis.arguments import bad_value, parse_int, syntax_error
from fivefold.languages.redis.command import Command
from fivefold.languages.redis.context import Context
from fivefold.models.keyvalue.layout import STRING
from fivefold.values.replies import Reply

COMPARED_TOGETHER = 50
"""Letters compared in the time that one element of a key takes."""


def _string(context: Context, key: bytes) -> bytes:
    entry = context.space.find(key, context.now_ms)
    if entry is None:
        return b""
    if entry.kind != STRING:
        raise bad_value("The specified keys must contain string values")
    return context.space.value(entry)


def _lengths(left: bytes, right: bytes) -> list[array[int]]:
    """Return, for each beginning of both, how long their longest common subsequence is."""
    above = array("L", bytes(array("L").itemsize * (len(right) + 1)))
    table = [above]
    for letter in left:
        row = array("L", [0])
        last = 0
        for at, other in enumerate(right):
            if letter == other:
                last = above[at] + 1
            elif above[at + 1] > last:
                last = above[at + 1]
            row.append(last)
        table.append(row)
        above = row
    return table


def _ranges(left: bytes, right: bytes, table: list[array[int]]) -> tuple[bytes, list[list[int]]]:
    """Return the subsequence, and its stretches from the last to the first.

    Each stretch is where it begins on the left and on the right, and its length.
    """
    letters = bytearray()
    ranges: list[list[int]] = []
    i, j = len(left), len(right)
    begun = False
    while i and j:
        if left[i - 1] == right[j - 1]:
            letters.append(left[i - 1])
            if begun and ranges[-1][:2] == [i, j]:
                ranges[-1] = [i - 1, j - 1, ranges[-1][2] + 1]
            else:
                ranges.append([i - 1, j - 1, 1])
            begun = True
            i, j = i - 1, j - 1
        else:
            begun = False
            if table[i - 1][j] > table[i][j - 1]:
                i -= 1
            else:
                j -= 1
    return bytes(letters[::-1]), ranges


def lcs(context: Context, args: list[bytes]) -> Reply:
    """Return the longest common subsequence of two strings, its length or where it lies."""
    left, right = _string(context, args[1]), _string(context, args[2])
    length = index = with_lengths = False
    least, at = 0, 3
    while at < len(args):
        option = args[at].upper()
        if option == b"IDX":
            index = True
        elif option == b"LEN":
            length = True
        elif option == b"WITHMATCHLEN":
            with_lengths = True
        elif option == b"MINMATCHLEN" and at + 1 < len(args):
            at += 1
            least = max(parse_int(args[at]), 0)
        else:
            raise syntax_error()
        at += 1
    if length and index:
        raise bad_value("If you want both the length and indexes, please just use IDX.")
    context.expect(len(left) * len(right) // COMPARED_TOGETHER)
    table = _lengths(left, right)
    if length:
        return table[-1][-1]
    common, ranges = _ranges(left, right, table)
    if not index:
        return common
    matches: list[Reply] = []
    for i, j, number in ranges:
        if number >= least:
            match: list[Reply] = [[i, i + number - 1], [j, j + number - 1]]
            matches.append([*match, number] if with_lengths else match)
    return {b"matches": matches, b"len": len(common)}


COMMANDS = (Command("lcs", lcs, -3, ("readonly",), 1, 2, 1),)
