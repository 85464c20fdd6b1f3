"""SCRAM-SHA-256: a password is proven without being sent, and kept without being known.

The server's side of RFC 5802 and RFC 7677 as a machine without sockets: it is given what the client
says and returns what to answer. Channel binding is not offered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from fivefold.errors import Denied, FivefoldError

MECHANISM = "SCRAM-SHA-256"

ITERATIONS = 15_000
"""For new passwords: as many as MongoDB's, which takes some milliseconds of whoever guesses."""

ITERATIONS_MIN = 4_096
SALT_BYTES = 28
NONCE_BYTES = 24
MESSAGE_BYTES_MAX = 4_096


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is kept of a password: enough to check a proof, not enough to make one."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes


def derive(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> Credentials:
    """Return what is to be kept of a password. Raises Denied for one no client could send."""
    if salt is None:
        salt = secrets.token_bytes(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", prepare(password).encode(), salt, iterations)
    client_key = _hmac(salted, b"Client Key")
    return Credentials(
        salt, iterations, hashlib.sha256(client_key).digest(), _hmac(salted, b"Server Key")
    )


_PROHIBITED: tuple[Callable[[str], bool], ...] = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def prepare(text: str) -> str:
    """Return a password as RFC 4013 (SASLprep) has it compared. Raises Denied if it cannot be."""
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(
        " " if stringprep.in_table_c12(mark) else mark
        for mark in text
        if not stringprep.in_table_b1(mark)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    for mark in prepared:
        if any(prohibits(mark) for prohibits in _PROHIBITED):
            raise Denied("this password has characters that no password may have")
    right_to_left = any(map(stringprep.in_table_d1, prepared))
    if right_to_left and (
        any(map(stringprep.in_table_d2, prepared))
        or not stringprep.in_table_d1(prepared[0])
        or not stringprep.in_table_d1(prepared[-1])
    ):
        raise Denied("this password mixes directions of writing as no password may")
    return prepared


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


class _State(Enum):
    FIRST = "first"
    FINAL = "final"
    DONE = "done"
    FAILED = "failed"


_SECRET = secrets.token_bytes(32)
"""Makes salts for users that are not there, the same each time, so that nobody learns who is."""


class Conversation:
    """One login. ``find`` returns what is kept of a user's password, None if there is no user.

    After ``finished`` the client is who it says: ``name``. Where the protocol has told the name
    before, it is ``told``, and what stands in the message is not looked at.
    """

    __slots__ = (
        "_bare",
        "_credentials",
        "_find",
        "_is_known",
        "_nonce",
        "_server_first",
        "_state",
        "_told",
        "name",
    )

    def __init__(
        self,
        find: Callable[[str], Credentials | None],
        nonce: str | None = None,
        told: str | None = None,
    ) -> None:
        self._find = find
        self._told = told
        self._nonce = nonce or base64.b64encode(secrets.token_bytes(NONCE_BYTES)).decode()
        self._state = _State.FIRST
        self._bare = self._server_first = ""
        self._credentials: Credentials | None = None
        self._is_known = False
        self.name = ""

    @property
    def finished(self) -> bool:
        """Say whether the client has proven its password."""
        return self._state is _State.DONE

    def receive(self, message: bytes) -> bytes:
        """Return the answer to the client's next message. Raises Denied, which ends it all."""
        state, self._state = self._state, _State.FAILED
        if len(message) > MESSAGE_BYTES_MAX:
            raise failed()
        try:
            text = message.decode()
        except UnicodeDecodeError:
            raise failed() from None
        if state is _State.FIRST:
            answer = self._first(text)
            self._state = _State.FINAL
        elif state is _State.FINAL:
            answer = self._final(text)
            self._state = _State.DONE
        else:
            raise failed()
        return answer.encode()

    def _first(self, text: str) -> str:
        binding, _, rest = text.partition(",")
        authorization, _, self._bare = rest.partition(",")
        if binding not in ("n", "y") or authorization:
            raise failed()  # channel binding, or in somebody else's name: neither was offered
        fields = _fields(self._bare)
        if "m" in fields or list(fields)[:2] != ["n", "r"] or not fields["r"]:
            raise failed()
        self.name = _name(fields["n"]) if self._told is None else self._told
        found = self._find(self.name)
        self._is_known = found is not None
        self._credentials = found or _nobodys(self.name)
        self._nonce = fields["r"] + self._nonce
        salt = base64.b64encode(self._credentials.salt).decode()
        self._server_first = f"r={self._nonce},s={salt},i={self._credentials.iterations}"
        return self._server_first

    def _final(self, text: str) -> str:
        kept = self._credentials
        assert kept is not None
        fields = _fields(text)
        if list(fields)[:2] != ["c", "r"] or list(fields)[-1] != "p":
            raise failed()
        if fields["c"] not in ("biws", "eSws"):  # "n,," and "y,,": no channel is bound
            raise failed()
        without_proof = text.rpartition(",p=")[0]
        said = f"{self._bare},{self._server_first},{without_proof}".encode()
        try:
            proof = base64.b64decode(fields["p"], validate=True)
        except binascii.Error:
            raise failed() from None
        signature = _hmac(kept.stored_key, said)
        if len(proof) != len(signature):
            raise failed()
        client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        right = hmac.compare_digest(hashlib.sha256(client_key).digest(), kept.stored_key)
        same_nonce = hmac.compare_digest(fields["r"].encode(), self._nonce.encode())
        if not (right and same_nonce and self._is_known):
            raise failed()
        return "v=" + base64.b64encode(_hmac(kept.server_key, said)).decode()


def failed() -> FivefoldError:
    """Return what is raised for any login that fails: which part of it was wrong is not said."""
    return Denied("Authentication failed.", "invalid_password")


def _fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in text.split(","):
        key, mark, value = part.partition("=")
        if not mark or len(key) != 1 or key in fields:
            raise failed()
        fields[key] = value
    return fields


def _name(escaped: str) -> str:
    """Return the user's name, in which a comma is ``=2C`` and an equals sign ``=3D``."""
    name = escaped.replace("=2C", ",").replace("=3D", "=")
    if not name or escaped.count("=") != escaped.count("=2C") + escaped.count("=3D"):
        raise failed()
    return name


def _nobodys(name: str) -> Credentials:
    """Return what could be kept of a password, for a user who is not there."""
    salt = _hmac(_SECRET, name.encode())[:SALT_BYTES]
    return Credentials(salt, ITERATIONS, _hmac(_SECRET, salt), _SECRET)
