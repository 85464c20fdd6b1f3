"""Errors as documents of MongoDB's protocol.

The table from ``fivefold.errors.CODES`` to MongoDB's numbers is that of
``values/documents/replyerrors.py``: the language, whose replies may have errors inside, shares it.
"""

from __future__ import annotations

from fivefold.errors import FivefoldError
from fivefold.values.documents.replyerrors import error_reply
from fivefold.wire.mongodb.encode import encode_body


def encode_error(
    error: FivefoldError, ending: bytes = b"", *, inside: bool = False, retryable: bool = False
) -> bytes:
    """Return the document of a command that failed.

    ``ending`` are the fields of any reply but ``ok``. ``inside``: in a transaction;
    ``retryable``: it was a retryable write, or a transaction's commit.
    """
    reply = error_reply(error, inside=inside, retryable=retryable)
    try:
        return encode_body(reply, ending)
    except FivefoldError:  # what the error tells of is no BSON: it is told without
        bare = {name: reply[name] for name in ("ok", "errmsg", "code", "codeName")}
        bare["errmsg"] = str(bare["errmsg"]).encode("utf-8", "replace").decode().replace("\0", "?")
        return encode_body(bare, ending)
