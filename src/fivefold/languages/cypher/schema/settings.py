"""Settings that clients of Neo4j look for: what they are here, and that nobody can change them.

Source: the Neo4j Operations Manual 5, "Configuration settings".
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Setting(NamedTuple):
    """A setting; ``valid`` says which values it may have in Neo4j."""

    name: str
    value: str
    description: str
    valid: str
    for_clients: bool = False


SETTINGS: Final = (
    Setting(
        "browser.allow_outgoing_connections",
        "false",
        "Whether Neo4j Browser may load things from elsewhere.",
        "a boolean",
        True,
    ),
    Setting(
        "browser.retain_connection_credentials",
        "true",
        "Whether Neo4j Browser may remember credentials.",
        "a boolean",
        True,
    ),
    Setting("db.tx_log.rotation.retention_policy", "keep_none", "Which logs are kept.", "a string"),
    Setting(
        "initial.dbms.default_database",
        "neo4j",
        "The database of who names none.",
        "a valid database name",
    ),
    Setting("server.bolt.enabled", "true", "Whether Bolt is spoken.", "a boolean"),
    Setting("server.databases.default_to_read_only", "false", "Whether to refuse to write.",
            "a boolean"),
    Setting(
        "server.default_advertised_address",
        "localhost",
        "The host that routing tables name.",
        "a socket address",
    ),
)  # fmt: skip
