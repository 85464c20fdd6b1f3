"""Errors as RESP spells them."""

from __future__ import annotations

from fivefold.errors import FivefoldError
from fivefold.values.replyerrors import error_text


def encode_error(error: FivefoldError) -> bytes:
    """Return the error reply; the same in both versions of the protocol."""
    # A word of the client's own may be quoted in it, in whatever bytes that came.
    return b"-%b\r\n" % error_text(error).encode("utf-8", "surrogateescape")
