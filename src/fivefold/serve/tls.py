"""TLS on the server's ports: the certificate, and what a client goes through before it is served.

Redis, MongoDB, Cassandra and Bolt begin with the handshake, so their listeners do it, and the
client's connection is made once it is over. PostgreSQL's clients ask for it first
(``serve/postgres/connection.py``), and the handshake then happens on the connection that is there.
In either case the connection sees bytes in the clear, from another transport of the loop's.

Files that changed are taken at the next look, by new connections; those that cannot be used are
told of once, and what was in force stays so.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from fivefold.errors import InvalidValue

if TYPE_CHECKING:
    from fivefold.serve.connection import ClientConnection

_log = logging.getLogger("fivefold.tls")

_Stamp = tuple[tuple[int, int, int], ...]


class Tls:
    """A certificate in force. ``context`` is for a handshake that begins now.

    ``fingerprint`` is its SHA-256. ``listening`` is for listeners, which keep the context that they
    are given: it has each handshake go on with what is in force by then.
    """

    def __init__(
        self,
        certificate: str | os.PathLike[str],
        key: str | os.PathLike[str],
        *,
        watched: bool = True,
    ) -> None:
        """Load both files, in PEM. Raises InvalidValue if they cannot be used."""
        self._watched = watched
        self._certificate = Path(certificate)
        self._key = Path(key)
        self._stamp = self._look()
        self.context = self._load()
        self.listening = _context()
        self._load_into(self.listening)  # without one of its own it would be left at once
        self.listening.sni_callback = self._choose

    def _choose(
        self, client: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext
    ) -> int | None:
        # Called in every handshake, also where the client names no server.
        client.context = self.context
        return None

    def refresh(self) -> None:
        """Take the files again if they have changed. What is wrong with new ones is logged."""
        if not self._watched or (stamp := self._look()) == self._stamp:
            return
        self._stamp = stamp
        try:
            self.context = self._load()
        except InvalidValue as error:
            _log.warning("the certificate in force stays: %s", error)
        else:
            _log.info("a new certificate is in force: SHA-256 %s", self.fingerprint)

    def _look(self) -> _Stamp:
        return tuple(map(_stamp, (self._certificate, self._key)))

    def _load(self) -> ssl.SSLContext:
        context = _context()
        self._load_into(context)
        self.fingerprint = _fingerprint(self._certificate)
        return context

    def _load_into(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise InvalidValue(
                f"cannot use the certificate {self._certificate} with the key {self._key}: "
                f"{_reason(error)}",
                "invalid_parameter_value",
                hint="Both are PEM files; the certificate's own comes first, then its issuers'.",
            ) from None


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of the first certificate in a file, in hexadecimal with colons."""
    text = certificate.read_text("latin-1")
    end = "-----END CERTIFICATE-----"
    first = text[text.index("-----BEGIN CERTIFICATE-----") : text.index(end) + len(end)]
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest().upper()


def _no_password() -> str:
    raise ValueError("the key asks for a passphrase, which nobody could type into a server")


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "no certificate or key in it").lower().replace("_", " ")
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _stamp(path: Path) -> tuple[int, int, int]:
    """Return what differs once a file was written, or another one put in its place."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_ino, found.st_size)


class Arriving(asyncio.Protocol):
    """A client in its handshake; served once that is over, for only then is this told of it."""

    def __init__(
        self,
        make: Callable[[], asyncio.BaseProtocol],
        arrived: Callable[[Arriving], object] = lambda _: None,
    ) -> None:
        self._make = make
        self._arrived = arrived

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop: the handshake is over."""
        self._arrived(self)
        protocol = cast("ClientConnection", self._make())
        cast(asyncio.Transport, transport).set_protocol(protocol)
        protocol.connection_made(transport)
