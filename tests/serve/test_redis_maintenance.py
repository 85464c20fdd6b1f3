"""What looks after a Redis, and what a server that stands alone answers: beside redis-server."""

from __future__ import annotations

import pytest
import redis

from fivefold.api.serving import Serving
from tests import servers
from tests.serve.beside import Masks, converse
from tests.serve.conftest import Dial

OWN: Masks = (
    (rb":\d{10}\r\n", b":MOMENT\r\n"),
    (rb"(?s)[*%]\d+\r\n\$6\r\nserver.*?modules\r\n\*0\r\n", b"HELLO\r\n"),
)

SCRIPTS = {
    "alone": """
        a: ROLE
        a: REPLICAOF NO ONE
        a: REPLICAOF foo
        a: REPLICAOF 127.0.0.1 x
        a: SLAVEOF no one
        a: REPLCONF
        a: REPLCONF a
        a: REPLCONF foo bar
        a: FAILOVER
        a: FAILOVER ABORT
        a: FAILOVER FOO
        a: CLUSTER INFO
        a: CLUSTER KEYSLOT foo
        a: CLUSTER SLOTS
        a: CLUSTER NODES
        a: CLUSTER FOO
        a: CLUSTER
        a: MODULE LIST
        a: MODULE LOAD x
        a: MODULE UNLOAD x
        a: MODULE LOADEX x
        a: READONLY
        a: READWRITE
        a: ASKING
        a: WAIT 0 0
        a: LASTSAVE
        a: SAVE x
        a: BGSAVE FOO
        a: MULTI
        a: SAVE
        a: EXEC
        a: SHUTDOWN FOO
        a: SHUTDOWN ABORT
        a: SHUTDOWN NOSAVE ABORT
        a: SHUTDOWN SAVE NOSAVE
        a: DEBUG SLEEP 0
        a: DEBUG JMAP
        a: DEBUG
        a: LOLWUT
        a: HELLO 3
        a: LOLWUT
    """,
    "latency and memory": """
        a: LATENCY LATEST
        a: LATENCY HISTORY command
        a: LATENCY RESET
        a: LATENCY RESET x y
        a: LATENCY GRAPH x
        a: LATENCY HISTOGRAM nosuch
        a: LATENCY HISTORY
        a: LATENCY FOO
        a: MEMORY USAGE none
        a: SET k v
        a: MEMORY USAGE k SAMPLES -1
        a: MEMORY USAGE k SAMPLES
        a: MEMORY USAGE k FOO 5
        a: MEMORY USAGE k SAMPLES x
        a: MEMORY PURGE
        a: MEMORY FOO
        a: HELLO 3
        a: LATENCY HISTOGRAM nosuch
        a: LATENCY LATEST
    """,
    "acl": """
        a: ACL WHOAMI
        a: ACL LIST
        a: ACL USERS
        a: ACL GETUSER default
        a: ACL GETUSER foo
        a: ACL CAT
        a: ACL CAT foo
        a: ACL FOO
        a: ACL GETUSER
        a: HELLO 3
        a: ACL GETUSER default
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_beside_redis(name: str, server: Serving, redis_server: servers.Server) -> None:
    converse(redis_server.port, server.ports["redis"], SCRIPTS[name], OWN)


def test_categories_have_the_same_commands(dial: Dial, redis_server: servers.Server) -> None:
    ours = dial()
    with redis.Redis(port=redis_server.port) as theirs:
        for category in theirs.acl_cat():
            assert sorted(ours.acl_cat(category)) == sorted(theirs.acl_cat(category)), category


def test_what_saves_says_so(dial: Dial) -> None:
    client = dial()
    assert client.save()
    assert client.bgsave()
    assert client.bgrewriteaof()
    assert abs(client.lastsave().timestamp() - client.time()[0]) < 60


def test_shutdown_is_refused(dial: Dial) -> None:
    client = dial()
    with pytest.raises(redis.ResponseError, match="SIGTERM"):
        client.execute_command("SHUTDOWN", "NOSAVE")
    assert client.ping()
    with pytest.raises(redis.ResponseError, match="does not replicate"):
        client.replicaof("127.0.0.1", 6379)


def test_info_has_what_tools_read(dial: Dial, redis_server: servers.Server) -> None:
    ours = dial()
    ours.set("a", "b", ex=100)
    with redis.Redis(port=redis_server.port) as client:
        theirs = client.info("everything")
        sections = client.execute_command("INFO", "everything")
    assert isinstance(sections, dict)
    mine = ours.info("everything")
    for field in (
        *("redis_version", "redis_mode", "os", "process_id", "run_id", "tcp_port"),
        *("uptime_in_seconds", "uptime_in_days", "connected_clients", "blocked_clients"),
        *("maxclients", "used_memory", "used_memory_human", "used_memory_rss"),
        *("used_memory_peak", "total_system_memory", "maxmemory", "maxmemory_policy"),
        *("mem_fragmentation_ratio", "loading", "rdb_last_save_time", "rdb_last_bgsave_status"),
        *("rdb_bgsave_in_progress", "aof_enabled", "aof_last_write_status", "evicted_keys"),
        *("total_connections_received", "total_commands_processed", "expired_keys"),
        *("instantaneous_ops_per_sec", "rejected_connections", "pubsub_channels"),
        *("pubsub_patterns", "latest_fork_usec", "role", "connected_slaves"),
        *("master_repl_offset", "used_cpu_sys", "used_cpu_user", "cluster_enabled"),
        "total_error_replies",
    ):
        assert type(mine[field]) is type(theirs[field]), field
    assert mine["db0"]["keys"] == 1
    assert mine["total_commands_processed"] > 0
    assert mine["cmdstat_set"]["calls"] == 1
    assert set(mine["cmdstat_set"]) == {
        *("calls", "usec", "usec_per_call", "rejected_calls", "failed_calls"),
    }
    assert "cmdstat_set" not in ours.info()


def test_memory(dial: Dial) -> None:
    client = dial()
    client.set("k", "x" * 1000)
    client.rpush("l", *range(100))
    assert client.memory_usage("k") > 1000
    assert client.memory_usage("l", samples=5) > 100
    assert client.memory_stats()["keys.count"] == 2
    assert b"allocator" in client.execute_command("MEMORY", "MALLOC-STATS")
    assert client.execute_command("MEMORY", "DOCTOR")
    assert client.execute_command("LATENCY", "DOCTOR")
