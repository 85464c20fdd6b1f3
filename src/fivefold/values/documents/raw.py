"""Documents as the bytes that they are stored as."""

from __future__ import annotations


class Batch(list[bytes]):
    """An array of documents, each in BSON's bytes, where any other array is a list of values.

    What a client inserts arrives as one, and what a cursor finds leaves as one: nobody decodes or
    encodes these documents on the way.
    """

    __slots__ = ()
