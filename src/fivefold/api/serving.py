"""``fivefold.serving``: every protocol on free loopback ports, in a thread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

from fivefold.api.database import Database, open_database
from fivefold.engine.limits import limits_of
from fivefold.stores.contract import Durability

if TYPE_CHECKING:
    from fivefold.serve.run import Background
    from fivefold.serve.tls import Tls

HOST = "127.0.0.1"

_URLS = {
    "postgres": "postgresql://fivefold@{host}:{port}/{name}",
    "redis": "redis://{host}:{port}/0",
    "mongodb": "mongodb://{host}:{port}/",
    "neo4j": "bolt://{host}:{port}",
    "cassandra": "cassandra://{host}:{port}",
}


_URLS_TLS = {
    "postgres": "postgresql://fivefold@{host}:{port}/{name}?sslmode=require",
    "redis": "rediss://{host}:{port}/0",
    "mongodb": "mongodb://{host}:{port}/?tls=true",
    "neo4j": "bolt+s://{host}:{port}",
    "cassandra": "cassandra://{host}:{port}",
}

_Path: TypeAlias = "str | os.PathLike[str]"


class Serving:
    """A server that runs while the ``with`` block does.

    ``test_commands`` lets clients of MongoDB's protocol have commands fail, by configureFailPoint.
    ``key`` is that of ``fivefold.open``.
    ``tls`` has every client use TLS: the files of a certificate and of its key, in PEM, or True for
    a certificate made for the moment, which clients cannot check.
    ``limits`` are those of ``fivefold serve --limit``, by their names.
    ``database`` is the database it serves, to use in-process as well; ``urls`` and ``ports`` are by
    protocol.
    """

    def __init__(
        self,
        store: str | os.PathLike[str] | Database,
        only: Iterable[str] | None = None,
        durability: str | Durability = Durability.FULL,
        test_commands: bool = False,
        key: str | bytes | None = None,
        tls: bool | tuple[_Path, _Path] = False,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        wanted = None if limits is None else limits_of(limits)
        self._own = not isinstance(store, Database)
        self.database = (
            store
            if isinstance(store, Database)
            else open_database(store, durability=durability, key=key)
        )
        if wanted is not None:
            self.database.engine.limits = wanted
        self._test_commands = test_commands
        self._tls = tls
        self._only = None if only is None else tuple(only)
        self._server: Background | None = None
        self.ports: dict[str, int] = {}
        self.urls: dict[str, str] = {}

    def start(self) -> Self:
        """Open the ports."""
        from fivefold.serve.run import Background
        from fivefold.serve.server import STANDARD_PORTS

        wanted = self._only or tuple(STANDARD_PORTS)
        try:
            tls = _tls(self._tls)
            self._server = Background(
                self.database.engine,
                HOST,
                dict.fromkeys(wanted, 0),
                test_commands=self._test_commands,
                tls=tls,
            )
        except BaseException:
            self.stop()
            raise
        self.ports = self._server.ports
        urls = _URLS if tls is None else _URLS_TLS
        self.urls = {
            protocol: urls[protocol].format(host=HOST, port=port, name=self.database.name)
            for protocol, port in self.ports.items()
        }
        return self

    def stop(self) -> None:
        """Stop the server, and close the database if it was opened here."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        if self._own:
            self.database.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _tls(wanted: bool | tuple[_Path, _Path]) -> Tls | None:
    if wanted is False:
        return None
    if wanted is True:
        from fivefold.serve.selfsigned import in_memory

        return in_memory(HOST)
    from fivefold.serve.tls import Tls

    return Tls(*wanted)
