"""What all clients of MongoDB's language share over one engine, the server's and embedded ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fivefold.catalog.roles import Role
from fivefold.engine.document_transactions import Transaction, Transactions
from fivefold.engine.engine import Engine
from fivefold.languages.mongo.failing import FailPoint
from fivefold.languages.mongo.sessions import LogicalSessions
from fivefold.languages.mongo.statistics import Statistics
from fivefold.languages.mongo.topology import Topology
from fivefold.security import verifier
from fivefold.security.scram import Credentials


class Hub:
    """The hub of one engine; see ``hub_of``."""

    def __init__(self, roles: Callable[[], Mapping[str, Role]]) -> None:
        self.roles = roles
        self.topology = Topology()
        self.sessions = LogicalSessions()
        self.statistics = Statistics()
        self.test_commands = False
        self.fail_point: FailPoint | None = None
        self.transactions = Transactions()
        self.sessions.ended.append(self.transactions.forget)

    def sweep(self, now_ms: int) -> None:
        """End sessions that nobody uses, and transactions that have been open for too long."""
        self.sessions.sweep(now_ms)
        self.transactions.sweep(now_ms)

    def idle_transactions(self) -> list[Transaction]:
        """See ``Hub`` of languages/mongo/context.py."""
        return self.transactions.idle()

    @property
    def has_users(self) -> bool:
        """See ``Hub`` of languages/mongo/context.py."""
        return bool(self.roles())

    def credentials(self, database: str, name: str) -> Credentials | None:
        """See ``Hub`` of languages/mongo/context.py."""
        role = self.roles().get(name)
        if role is None or role.verifier is None or not (role.login and role.superuser):
            return None  # grants are known only to SQL so far
        return verifier.read(role.verifier)


def hub_of(engine: Engine) -> Hub:
    """Return the engine's hub, made on first use."""
    hub = engine.prepared.get("mongo hub")
    if hub is None:
        made = Hub(lambda: engine.snapshot.catalog.roles)
        hub = engine.prepared.setdefault("mongo hub", made)
        engine.closing.append(made.transactions.close)
    assert isinstance(hub, Hub)
    return hub
