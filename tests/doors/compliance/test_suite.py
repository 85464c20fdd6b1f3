"""The suite itself, from SQLAlchemy's package."""

from typing import Any

from sqlalchemy.testing.suite import *  # noqa: F403  # that is how dialects run it
from sqlalchemy.testing.suite import ServerSideCursorsTest as _ServerSideCursorsTest


class ServerSideCursorsTest(_ServerSideCursorsTest):  # type: ignore[misc]  # untyped there
    """The suite knows by the driver's name how a server-side cursor looks; ours as psycopg's."""

    def _is_server_side(self, cursor: Any) -> bool:
        return bool(getattr(cursor, "name", False))
