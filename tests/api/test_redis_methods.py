"""The embedded Redis beside redis-py, on a redis-server: signatures and results of its methods."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import redis

import fivefold
from fivefold.api.database import Database
from fivefold.api.redis import Pipeline, Redis
from tests.api.redis_calls import CALLS
from tests.servers import Server


@pytest.fixture(scope="module")
def theirs(redis_server: Server) -> Iterator[redis.Redis]:
    """A redis-py client of a redis-server."""
    with redis.Redis(redis_server.host, redis_server.port, db=5, protocol=2) as client:
        yield client
        client.flushall()


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")
@pytest.mark.parametrize("group", CALLS)
def test_results(store_url: str, theirs: redis.Redis, group: str) -> None:
    theirs.flushall()
    with fivefold.open(store_url, durability="off") as database:
        database.redis.select(5)
        for number, call in enumerate(CALLS[group]):
            mine, other = call(database.redis), call(theirs)
            assert mine == other, (group, number)
            assert type(mine) is type(other), (group, number)


# What redis-py has and we have not, and why.
REDIS_8 = "of Redis 7.4 or later"
CONNECTION = "of a connection, and there is none"
LACKING = {
    **dict.fromkeys(
        (
            *("arcount", "ardel", "ardelrange", "arget", "argetrange", "argrep", "arinfo"),
            *("arinsert", "arlastitems", "arlen", "armget", "armset", "arnext", "arop", "arring"),
            *("arscan", "arseek", "arset", "blmovem", "lmovem", "delex", "digest", "digest_local"),
            *("hexpire", "hexpireat", "hexpiretime", "hgetdel", "hgetex", "hpersist", "hpexpire"),
            *("hpexpireat", "hpexpiretime", "hpttl", "hsetex", "httl", "himport_discard"),
            *("himport_discard_all", "himport_discard_all_internal", "himport_discard_internal"),
            *("himport_prepare", "himport_prepare_internal", "himport_set", "hotkeys_get"),
            *("hotkeys_reset", "hotkeys_start", "hotkeys_stop", "increx", "msetex", "sdiffcard"),
            *("sunioncard", "vset", "xackdel", "xcfgset", "xdelex", "xnack", "waitaof"),
            *("client_no_touch", "keyspace_notifications"),
        ),
        REDIS_8,
    ),
    **dict.fromkeys(
        (
            *("auth", "client", "client_reply", "client_getredir", "client_tracking"),
            *("client_tracking_off", "client_tracking_on", "client_trackinginfo", "close"),
            *("from_pool", "from_url", "get_cache", "get_connection_kwargs", "get_encoder"),
            *("get_retry", "hello", "load_external_module", "monitor", "parse_response", "quit"),
            *("reset", "set_response_callback", "set_retry"),
        ),
        CONNECTION,
    ),
    **dict.fromkeys(
        ("bf", "cf", "cms", "ft", "json", "tdigest", "topk", "ts"), "a module's commands"
    ),
    **dict.fromkeys(
        ("module_list", "module_load", "module_loadex", "module_unload"), "there are no modules"
    ),
    **dict.fromkeys(
        (
            *("fcall", "fcall_ro", "function_delete", "function_dump", "function_flush"),
            *("function_kill", "function_list", "function_load", "function_restore"),
            "function_stats",
        ),
        "functions are not built",
    ),
    **dict.fromkeys(
        (
            *("acl_cat", "acl_deluser", "acl_dryrun", "acl_genpass", "acl_getuser", "acl_help"),
            *("acl_list", "acl_load", "acl_log", "acl_log_reset", "acl_save", "acl_setuser"),
            *("acl_users", "acl_whoami"),
        ),
        "who opened the file may do everything",
    ),
    **dict.fromkeys(
        (
            *("cluster", "failover", "migrate", "psync", "readonly", "readwrite", "replicaof"),
            *("slaveof", "sync", "sentinel", "sentinel_ckquorum", "sentinel_failover"),
            *("sentinel_flushconfig", "sentinel_get_master_addr_by_name", "sentinel_master"),
            *("sentinel_masters", "sentinel_monitor", "sentinel_remove", "sentinel_reset"),
            *("sentinel_sentinels", "sentinel_set", "sentinel_slaves"),
        ),
        "of several servers",
    ),
    **dict.fromkeys(
        (
            *("config_rewrite", "debug_object", "debug_segfault", "latency_doctor"),
            *("latency_graph", "latency_histogram", "latency_history", "latency_latest"),
            *("latency_reset", "memory_doctor", "memory_help", "memory_malloc_stats"),
            *("memory_purge", "memory_stats", "script_debug", "shutdown"),
        ),
        "of the redis-server's process; execute_command runs what there is",
    ),
    **dict.fromkeys(("command_docs", "command_info"), "redis-py refuses them"),
    "stralgo": "Redis 7 has LCS in its place",
    "unwatch": "watching is a pipeline's",
    "watch": "watching is a pipeline's",
}

LATER_ARGUMENTS = {
    "set": {"ifeq", "ifne", "ifdeq", "ifdne"},
    "xadd": {"ref_policy", "idmpauto", "idmp"},
    "xtrim": {"ref_policy"},
    "xread": {"max_count", "max_size"},
    "xreadgroup": {"claim_min_idle_time", "max_count", "max_size"},
}
"""Arguments of Redis 8."""

OWN_SIGNATURES = {"pubsub", "transaction"}
"""redis-py says ``**kwargs``, we name them."""


def methods(of: type) -> set[str]:
    return {name for name in dir(of) if name[0] != "_" and callable(getattr(of, name))}


def arguments(method: Any) -> list[tuple[str, object, object]]:
    signature = inspect.signature(method).parameters.values()
    return [
        (each.name, each.kind, each.default) for each in signature if each.kind != each.VAR_KEYWORD
    ]


def test_every_method_is_there_or_named() -> None:
    assert methods(redis.Redis) - methods(Redis) == set(LACKING)
    assert methods(Redis) <= methods(redis.Redis)


@pytest.mark.parametrize("name", sorted(methods(Redis) - OWN_SIGNATURES))
def test_signatures(name: str) -> None:
    mine, other = arguments(getattr(Redis, name)), arguments(getattr(redis.Redis, name))
    later = LATER_ARGUMENTS.get(name, set())
    assert mine == [each for each in other if each[0] not in later]


def test_every_method_is_called() -> None:
    """By the tables, or by a test of its own in test_redis.py."""
    elsewhere = {
        "bgrewriteaof",
        "client_kill",
        "client_setinfo",
        "lock",
        "pubsub",
        "script_kill",
        "select",
    }
    called = {
        name
        for calls in CALLS.values()
        for call in calls
        for name in (*call.__code__.co_names, *nested(call.__code__))
    }
    assert methods(Redis) - called == elsewhere


def nested(code: Any) -> Iterator[str]:
    for constant in code.co_consts:
        if inspect.iscode(constant):
            yield from constant.co_names


def test_pipelines_have_the_same_methods(db: Database) -> None:
    own = {
        *("hscan_iter", "lock", "pipeline", "pubsub", "register_script", "scan_iter"),
        *("sscan_iter", "transaction", "zscan_iter"),
    }
    assert methods(Redis) - methods(Pipeline) == own
    results = db.redis.pipeline().zadd("z", {"a": 1}).zrange("z", 0, -1, withscores=True)
    assert results.hgetall("h").blpop("l").execute() == [1, [(b"a", 1.0)], {}, None]
