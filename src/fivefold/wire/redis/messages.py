"""What is said in RESP.

A command is a plain list of its words, at least one, as bytes; a list because that is what the
splitting of the input yields, and every object saved here is saved a hundred thousand times a
second.

Replies are Python values, as `fivefold.values.replies` lists them: the language that answers and
the wire that spells the answer share that page. `encode` says how each looks in RESP2.
"""

from __future__ import annotations

from typing import TypeAlias

from fivefold.values.replies import (
    NIL_ARRAY,
    Attributed,
    BigNumber,
    Digits,
    Frames,
    Members,
    NilArray,
    Push,
    Reply,
    Verbatim,
)

Command: TypeAlias = list[bytes]

__all__ = [
    "NIL_ARRAY",
    "Attributed",
    "BigNumber",
    "Command",
    "Digits",
    "Frames",
    "Members",
    "NilArray",
    "Push",
    "Reply",
    "Verbatim",
]
