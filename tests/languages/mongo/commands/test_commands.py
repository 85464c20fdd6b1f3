"""The commands that need no documents, and what all commands have in common."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from bson.binary import Binary
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.timestamp import Timestamp

from fivefold.catalog.roles import Role
from fivefold.errors import FivefoldError
from fivefold.languages.mongo.client import Client
from fivefold.languages.mongo.command import Command
from fivefold.languages.mongo.commands import COMMANDS
from fivefold.languages.mongo.execute import resolve
from fivefold.languages.mongo.request import SessionFields, WriteConcern, read_request
from fivefold.languages.mongo.statistics import NAMESPACES_MAX
from fivefold.security import verifier
from fivefold.values.documents.codec import encode
from fivefold.values.documents.raw import Batch
from tests.languages.mongo.commands.rig import NOW_MS, World

LSID = {"id": Binary(uuid.UUID(int=5).bytes, 4)}


@pytest.fixture
def world() -> World:
    return World()


def fails(world: World, **command: Any) -> tuple[int | None, str]:
    with pytest.raises(FivefoldError) as caught:
        world.run(**command)
    return caught.value.number, caught.value.message


# What all commands have in common: manual, "Database Commands"; specifications, "Sessions",
# "Transactions", "Read and Write Concern", "Stable API".
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"nonsense": 1}, 59, "no such command: 'nonsense'"),
    ({"PING": 1}, 59, "no such command: 'PING'"),
    ({"atlasVersion": 1}, 59, "no such command: 'atlasVersion'"),
    ({"isdbgrid": 1}, 59, "no such command: 'isdbgrid'"),
    ({"mapReduce": "t"}, 238, "command 'mapReduce' is not supported by fivefold"),
    ({"ping": 1, "foo": 1}, 40415, "BSON field 'ping.foo' is an unknown field."),
    ({"ping": 1, "$db": 5}, 40571, "OP_MSG requests require a $db argument"),
    ({"ping": 1, "$db": "a.b"}, 73, "Invalid database name: 'a.b'"),
    ({"ping": 1, "$db": ""}, 73, "Invalid database name: ''"),
    (
        {"ping": 1, "lsid": 1},
        14,
        "BSON field 'OperationSessionInfo.lsid' is the wrong type 'int', expected type 'object'",
    ),
    ({"ping": 1, "lsid": {}}, 40414, "'OperationSessionInfo.lsid.id' is missing"),
    ({"ping": 1, "lsid": {"id": b"x" * 16}}, 14, "wrong binary type '0', expected type 'UUID'"),
    ({"ping": 1, "txnNumber": Int64(1)}, 72, "requires a session ID"),
    ({"ping": 1, "lsid": LSID, "txnNumber": "1"}, 14, "OperationSessionInfo.txnNumber"),
    ({"ping": 1, "lsid": LSID, "txnNumber": Int64(-1)}, 72, "cannot be negative"),
    ({"ping": 1, "lsid": LSID, "txnNumber": Int64(1)}, 50768, "not a retryable write command"),
    ({"ping": 1, "lsid": LSID, "autocommit": False}, 72, "requires a transaction number"),
    (
        {"ping": 1, "lsid": LSID, "txnNumber": Int64(1), "autocommit": True},
        72,
        "Specifying autocommit=true is not allowed.",
    ),
    ({"ping": 1, "lsid": LSID, "startTransaction": True}, 72, "requires 'autocommit' field"),
    (
        {
            "ping": 1,
            "lsid": LSID,
            "txnNumber": Int64(1),
            "autocommit": False,
            "startTransaction": False,
        },
        72,
        "Specifying startTransaction=false is not allowed.",
    ),
    (
        {
            "hostInfo": 1,
            "lsid": LSID,
            "txnNumber": Int64(1),
            "autocommit": False,
            "startTransaction": True,
        },
        263,
        "Cannot run 'hostInfo' in a multi-document transaction.",
    ),
    (
        {
            "connectionStatus": 1,
            "lsid": LSID,
            "txnNumber": Int64(1),
            "autocommit": False,
            "readConcern": {"level": "local"},
        },
        72,
        "Only the first command in a transaction may specify a readConcern",
    ),
    (
        {
            "connectionStatus": 1,
            "lsid": LSID,
            "txnNumber": Int64(1),
            "autocommit": False,
            "startTransaction": True,
        },
        263,
        "Cannot run 'connectionStatus' as the first command of a transaction.",
    ),
    (
        {
            "connectionStatus": 1,
            "lsid": LSID,
            "txnNumber": Int64(1),
            "autocommit": False,
            "writeConcern": {"w": 1},
        },
        72,
        "writeConcern is not allowed within a multi-statement transaction",
    ),
    ({"ping": 1, "readConcern": 1}, 14, "'ping.readConcern' is the wrong type 'int'"),
    ({"ping": 1, "readConcern": {"level": "loud"}}, 2, "Enumeration value 'loud'"),
    ({"ping": 1, "readConcern": {"level": 1}}, 14, "readConcern.level"),
    ({"ping": 1, "readConcern": {"volume": 1}}, 40415, "readConcern.volume"),
    ({"ping": 1, "readConcern": {"level": "snapshot"}}, 246, "use startTransaction"),
    ({"ping": 1, "readConcern": {"atClusterTime": Timestamp(1, 1)}}, 246, "of one moment"),
    ({"ping": 1, "readConcern": {"afterClusterTime": 1}}, 14, "expected type 'timestamp'"),
    ({"ping": 1, "writeConcern": {"w": 51}}, 9, "not greater than 50"),
    ({"ping": 1, "writeConcern": {"w": -1}}, 9, "non-negative"),
    ({"ping": 1, "writeConcern": {"w": True}}, 9, "w has to be a number, string, or object"),
    ({"ping": 1, "writeConcern": {"q": 1}}, 9, "unrecognized write concern field: q"),
    ({"ping": 1, "writeConcern": {"j": "x"}}, 14, "writeConcern.j"),
    ({"ping": 1, "maxTimeMS": -1}, 2, "out of range"),
    ({"ping": 1, "maxTimeMS": 2**31}, 2, "out of range"),
    ({"ping": 1, "maxTimeMS": "1"}, 14, "maxTimeMS"),
    ({"ping": 1, "maxTimeMS": 1.5}, 9, "fraction"),
    ({"ping": 1, "$readPreference": {"mode": "third"}}, 9, "$readPreference mode 'third'"),
    ({"ping": 1, "apiVersion": "2"}, 322, 'API version must be "1"'),
    ({"ping": 1, "apiStrict": True}, 322, "Provided apiStrict without passing apiVersion"),
    ({"ping": 1, "apiDeprecationErrors": True}, 322, "apiDeprecationErrors without"),
    ({"top": 1, "apiVersion": "1", "apiStrict": True}, 323, "top is not in API Version 1"),
    ({"top": 1, "$db": "shop"}, 13, "top may only be run against the admin database."),
    # hello: specifications, "MongoDB Handshake", "Server Monitoring"
    ({"hello": 1, "maxAwaitTimeMS": 5}, 31368, "must include a 'topologyVersion'"),
    ({"hello": 1, "topologyVersion": {}}, 31368, "must include 'maxAwaitTimeMS'"),
    ({"hello": 1, "topologyVersion": 1, "maxAwaitTimeMS": 5}, 14, "hello.topologyVersion"),
    ({"hello": 1, "topologyVersion": {}, "maxAwaitTimeMS": 5}, 40414, "processId"),
    ({"hello": 1, "client": {"driver": {}, "os": {}, "x": "y" * 600}}, 185, "512"),
    ({"hello": 1, "client": {"driver": {}}}, 183, "'os'"),
    (
        {"hello": 1, "client": {"driver": {}, "os": {}, "application": {"name": "a" * 129}}},
        184,
        "128",
    ),
    ({"hello": 1, "compression": "zlib"}, 14, "hello.compression"),
    # manual, "getParameter", "getLog", "killOp"
    ({"getParameter": 1, "nothing": 1}, 72, "no option found to get"),
    ({"getLog": "no"}, 96, "No log named 'no'"),
    ({"getLog": 1}, 14, "getLog.getLog"),
    ({"killOp": 1}, 40414, "killOp.op"),
    ({"profile": 1}, 238, "there is no profiler, so its level stays 0"),
    ({"profile": 0, "slowms": 50}, 238, "no 'slowms' to set"),
    ({"profile": -1, "filter": {"op": "query"}}, 238, "no 'filter' to set"),
    ({"profile": "a"}, 14, "profile.profile"),
    ({"endSessions": 1}, 14, "endSessions"),
    ({"endSessions": [1]}, 14, "endSessions.endSessions.0"),
    # specification, "Authentication"
    ({"saslStart": 1, "mechanism": "SCRAM-SHA-1", "payload": b""}, 334, "SCRAM-SHA-256"),
    ({"saslStart": 1, "mechanism": "SCRAM-SHA-256"}, 40414, "saslStart.payload"),
    ({"saslContinue": 1, "conversationId": 1, "payload": b""}, 17, "No SASL session state"),
    ({"authenticate": 1, "mechanism": "MONGODB-X509"}, 334, "SCRAM-SHA-256"),
]


@pytest.mark.parametrize(("command", "number", "words"), REFUSED, ids=lambda each: str(each)[:60])
def test_refused(world: World, command: dict[str, Any], number: int, words: str) -> None:
    found, said = fails(world, **command)
    assert (found, words in said) == (number, True), said


ACCEPTED: list[dict[str, Any]] = [
    {"lsid": LSID},
    {"readConcern": {"level": "majority", "afterClusterTime": Timestamp(2**31, 5)}},
    {"readConcern": {}},
    {"writeConcern": {"w": "majority", "wtimeout": 10, "j": True}},
    {"maxTimeMS": Decimal128("10")},
    {"maxTimeMS": 10.0},
    {"$readPreference": {"mode": "secondary", "tags": []}},
    {"$clusterTime": {"clusterTime": Timestamp(1, 1)}, "comment": {"a": 1}},
    {"apiVersion": "1", "apiStrict": True, "apiDeprecationErrors": True},
]


@pytest.mark.parametrize("fields", ACCEPTED, ids=str)
def test_accepted(world: World, fields: dict[str, Any]) -> None:
    assert world.run(ping=1, **fields) == {}


READ = Command("read", lambda context, document: {}, (), ("transaction",))


@pytest.mark.parametrize(
    ("given", "level"),
    [({}, None), ({"level": "majority"}, "majority"), ({"level": "snapshot"}, "snapshot")],
)
def test_read_concerns_of_a_transaction(given: dict[str, str], level: str | None) -> None:
    document = {
        "$db": "shop",
        "lsid": LSID,
        "txnNumber": Int64(3),
        "autocommit": False,
        "startTransaction": True,
        "readConcern": given,
    }
    assert read_request(READ, document | {"read": 1}).read_concern == level
    for database in ("admin", "config", "local"):
        with pytest.raises(FivefoldError, match="in a transaction"):
            read_request(READ, {"read": 1, **document, "$db": database})
    with pytest.raises(FivefoldError, match="must be either 'local'"):
        read_request(READ, {"read": 1, **document, "readConcern": {"level": "linearizable"}})


def test_what_a_request_asks_for() -> None:
    request = read_request(
        READ,
        {
            "read": 1,
            "$db": "shop",
            "lsid": LSID,
            "txnNumber": Int64(3),
            "autocommit": False,
            "startTransaction": True,
            "readConcern": {"level": "snapshot"},
            "maxTimeMS": 7,
        },
    )
    assert request.database == "shop"
    assert request.session == SessionFields(uuid.UUID(int=5).bytes, 3, inside=True, starts=True)
    assert not request.session.retryable
    assert (request.read_concern, request.max_time_ms) == ("snapshot", 7)
    written = resolve({"ping": 1, "$db": "a", "writeConcern": {"w": 1, "wtimeout": 2, "j": False}})
    assert written.write_concern == WriteConcern(1, None, 2)


def test_documents_beside_a_command() -> None:
    document: dict[str, Any] = {"hello": 1, "$db": "a"}
    resolve(document, {"docs": [encode({"a": 1}), encode({})]})
    assert document["docs"] == [{"a": 1}, {}]
    assert not isinstance(document["docs"], Batch)
    with pytest.raises(FivefoldError, match="in a document sequence too"):
        resolve({"hello": 1, "$db": "a", "docs": []}, {"docs": []})


def test_hello(world: World) -> None:
    reply = world.run(hello=1)
    assert reply["isWritablePrimary"] is True
    assert reply["hosts"] == [reply["me"]] == [reply["primary"]] == ["127.0.0.1:27017"]
    assert (reply["minWireVersion"], reply["maxWireVersion"]) == (0, 21)
    assert reply["logicalSessionTimeoutMinutes"] == 30
    assert (reply["maxBsonObjectSize"], reply["maxWriteBatchSize"]) == (16 << 20, 100_000)
    assert reply["maxMessageSizeBytes"] == 48_000_000
    assert reply["connectionId"] == 7
    assert "helloOk" not in reply
    assert "compression" not in reply
    old = world.run(isMaster=1, helloOk=True)
    assert old["ismaster"] is True
    assert old["helloOk"] is True
    assert world.run(ismaster=1)["ismaster"] is True


def test_hello_agrees_on_compressors(world: World) -> None:
    assert world.run(hello=1, compression=["lzma", "zlib"])["compression"] == ["zlib"]
    assert world.client.compressors == ["zlib"]
    assert world.run(hello=1, compression=["lzma"])["compression"] == []


def test_metadata_is_said_once(world: World) -> None:
    metadata = {"driver": {"name": "x"}, "os": {"type": "y"}}
    world.run(hello=1, client=metadata)
    assert world.client.metadata == metadata
    assert fails(world, hello=1, client=metadata)[0] == 186


def test_a_client_that_knows_another_topology_is_answered_at_once(world: World) -> None:
    from fivefold.languages.mongo.commands.hello import awaited_ms

    now = world.hub.topology.version()
    known = {"hello": 1, "topologyVersion": now, "maxAwaitTimeMS": 500}
    assert awaited_ms(world, known) == 500
    other = {**known, "topologyVersion": {"processId": ObjectId(), "counter": Int64(0)}}
    assert awaited_ms(world, other) == 0


def test_information(world: World) -> None:
    built = world.run(buildInfo=1)
    assert built["version"].startswith("7.0.")
    assert built["versionArray"][:2] == [7, 0]
    assert built["fivefold"]
    assert world.run(getParameter=1, featureCompatibilityVersion=1) == {
        "featureCompatibilityVersion": {"version": "7.0"}
    }
    assert len(world.run(getParameter="*")) > 5
    assert world.run(getLog="*")["names"] == ["global", "startupWarnings"]
    assert world.run(getLog="startupWarnings") == {"totalLinesWritten": 0, "log": []}
    assert world.run(whatsmyuri=1) == {"you": "127.0.0.1:50000"}
    assert world.run(replSetGetStatus=1)["members"][0]["stateStr"] == "PRIMARY"
    assert world.run(replSetGetConfig=1)["config"]["_id"] == "fivefold"
    assert world.run(connectionStatus=1)["authInfo"]["authenticatedUsers"] == []
    assert world.run(getCmdLineOpts=1)["parsed"]["replication"] == {"replSet": "fivefold"}
    assert world.run(usersInfo=1) == {"users": []}
    assert set(world.run(hostInfo=1)) == {"system", "os", "extra"}
    assert world.run(getDefaultRWConcern=1)["defaultReadConcern"] == {"level": "local"}
    assert world.run(getFreeMonitoringStatus=1)["state"] == "disabled"
    assert world.run(features=1)["oidMachine"] == 0
    assert world.run(top=1)["totals"]
    assert world.run(profile=-1) == {"was": 0, "slowms": 100, "sampleRate": 1.0}
    assert world.run(profile=0, slowms=100)["was"] == 0


class Others:
    """A server with these clients."""

    port = 27017
    started_ms = NOW_MS

    def __init__(self, clients: list[Client]) -> None:
        self._clients = clients

    def clients(self) -> list[Client]:
        return self._clients


def test_status(world: World) -> None:
    world.hub.statistics.ran("insert")
    world.hub.statistics.ran("ping", failed=True)
    status = world.run(serverStatus=1, repl=0)
    assert "repl" not in status
    assert status["opcounters"]["insert"] == 1
    assert status["metrics"]["commands"]["ping"] == {"total": 1, "failed": 1}
    assert status["connections"]["current"] == 1
    assert world.run(currentOp=1) == {"inprog": []}
    other = Client(8, operation=9, operation_began_ms=NOW_MS - 2500)
    other.running = {"find": "t", "$db": "shop"}
    world.server = Others([world.client, other])
    assert len(world.run(currentOp=1, **{"$all": True})["inprog"]) == 2
    (running,) = world.run(currentOp=1)["inprog"]
    assert (running["opid"], running["ns"], running["secs_running"]) == (9, "shop.t", 2)
    assert world.run(currentOp=1, active=True, ns="shop.t")["inprog"] == [running]
    assert world.run(currentOp=1, secs_running={"$gt": 5}) == {"inprog": []}
    assert world.run(killOp=1, op=9)["info"]


def test_top(world: World) -> None:
    statistics = world.hub.statistics
    for name, seconds in (("find", 0.5), ("find", 0.25), ("update", 1.0), ("distinct", 0.125)):
        statistics.took("shop", "t", name, seconds)
    told = world.run(top=1)["totals"]
    assert {each: tuple(counts.values()) for each, counts in told["shop.t"].items()} == {
        "total": (1_875_000, 4),
        "readLock": (875_000, 3),
        "writeLock": (1_000_000, 1),
        "queries": (750_000, 2),
        "getmore": (0, 0),
        "insert": (0, 0),
        "update": (1_000_000, 1),
        "remove": (0, 0),
        "commands": (125_000, 1),
    }
    assert statistics.latencies("shop", "t")["reads"] == {"latency": 875_000, "ops": 3}
    for number in range(NAMESPACES_MAX):
        statistics.took("shop", f"t{number}", "find", 0.0)
    assert len(statistics.taken) == NAMESPACES_MAX


def test_every_command_is_listed_and_says_what_it_is_for(world: World) -> None:
    told = world.run(listCommands=1)["commands"]
    assert set(told) == {command.name for command in COMMANDS.values()}
    assert all(each["help"].endswith(".") for each in told.values())


def test_sessions(world: World) -> None:
    ended: list[bytes] = []
    world.hub.sessions.ended.append(ended.append)
    first = world.run(startSession=1)["id"]
    second = world.run(startSession=1)["id"]
    assert world.run(refreshSessions=[first, second, LSID]) == {}
    assert len(world.hub.sessions) == 3
    world.run(endSessions=[first])
    world.run(endSessions=[first])
    assert ended == [bytes(first["id"])]
    world.run(killSessions=[second])
    world.run(killAllSessions=[])
    assert len(ended) == 3
    world.run(startSession=1)
    world.now_ms += 31 * 60_000
    last = world.run(startSession=1)["id"]
    assert world.hub.sessions.all() == [bytes(last["id"])]


def test_a_login(world: World) -> None:
    assert world.run(ping=1, **{"$db": "shop"}) == {}
    world.hub.roles = lambda: {"ada": Role("ada", verifier.make("pencil"))}
    assert fails(world, listCommands=1) == (13, "Command listCommands requires authentication")
    hello = world.run(hello=1, saslSupportedMechs="admin.ada")
    assert hello["saslSupportedMechs"] == ["SCRAM-SHA-256"]
    assert world.run(hello=1, saslSupportedMechs="admin.eve")["saslSupportedMechs"] == []
    assert fails(world, hello=1, saslSupportedMechs="ada")[0] == 2
    begun = world.run(saslStart=1, mechanism="SCRAM-SHA-256", payload=b"n,,n=ada,r=abc")
    assert begun["done"] is False
    assert begun["payload"].startswith(b"r=abc")
    wrong = {"conversationId": begun["conversationId"], "payload": b"c=biws,r=abc,p=eA=="}
    assert fails(world, saslContinue=1, **wrong) == (18, "Authentication failed.")
    assert fails(world, saslContinue=1, **wrong)[0] == 17
    assert world.client.users == []
