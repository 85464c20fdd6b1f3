"""The one table from ``fivefold.errors.CODES`` to the word a Redis error begins with.

The word is what clients act upon: redis-py, Jedis and Lettuce have an exception for each of those
used here, and redis-py tries again, on a new connection, what failed with LOADING. The error's
message follows the word as it is. A message that already begins with one of ``WORDS`` is the whole
text: that is how a language says EXECABORT or NOSCRIPT, for which no code of its own exists. What a
script raises is the whole text too. Scripts see these texts, and so do clients.
"""

from __future__ import annotations

from fivefold.errors import CODES, FivefoldError, Internal

_NOT_ERR = {
    "wrong_value_kind": "WRONGTYPE",
    # What to try again as a whole: nothing was changed.
    "serialization_failure": "TRYAGAIN",
    "lock_not_available": "TRYAGAIN",
    "deadlock_detected": "TRYAGAIN",
    "store_locked": "TRYAGAIN",
    "read_only_transaction": "READONLY",
    "in_failed_transaction": "EXECABORT",
    "insufficient_privilege": "NOPERM",
    "invalid_password": "WRONGPASS",
    "invalid_authorization": "NOAUTH",
    "out_of_memory": "OOM",
    # The word of redis-server for a disk that refuses writes.
    "disk_full": "MISCONF",
    "io_error": "MISCONF",
    "store_corrupt": "MISCONF",
    "script_error": "",
    # Not now, but perhaps in a moment.
    "store_unreachable": "LOADING",
}

# Every code by name: a code that is added to CODES begins with ERR unless it is named above.
PREFIXES: dict[str, str] = {code: _NOT_ERR.get(code, "ERR") for code in CODES}

# Words that begin an error's text in Redis, by which a message is known to be the whole text.
WORDS: frozenset[str] = frozenset(
    {
        *PREFIXES.values(),
        *("ASK", "BUSY", "BUSYGROUP", "BUSYKEY", "CLUSTERDOWN", "CROSSSLOT", "DENIED"),
        *(
            "INPROG",
            "INVALIDOBJ",
            "IOERR",
            "MASTERDOWN",
            "MOVED",
            "NOGROUP",
            "NOGOODSLAVE",
            "NOMASTERLINK",
        ),
        *("NOPROTO", "NOREPLICAS", "NOSCRIPT", "NOTBUSY", "NOTREADY", "UNKILLABLE", "UNBLOCKED"),
    }
)

_ONE_LINE = str.maketrans("\r\n", "  ")


def error_text(error: FivefoldError) -> str:
    """Return the text of the error reply, one line, its first word the one clients act upon."""
    if isinstance(error, Internal):
        return "ERR internal error"
    message = error.message.translate(_ONE_LINE)
    if error.code == "script_error":
        return message
    if message.partition(" ")[0] in WORDS:
        return message
    return f"{PREFIXES[error.code]} {message}"
