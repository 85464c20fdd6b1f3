"""Documents as the bytes that they are stored as."""

from __future__ import annotations

from fivefold.values.documents.kinds import Document


class Batch(list[bytes | Document]):
    """An array of documents in BSON's bytes, where any other array is a list of values.

    What a client inserts arrives as one, and what a cursor finds leaves as one: nobody decodes or
    encodes these documents on the way. What leaves may have documents in between that were made;
    what an embedded program inserts has each document itself beside its bytes, as a pair.
    """

    __slots__ = ()
