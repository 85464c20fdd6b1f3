// cassandra-driver against 127.0.0.1 at the port that is the first argument, in the keyspace that is
// the second: prints what came of each part as JSON.
"use strict";

const cassandra = require("cassandra-driver");

const { types } = cassandra;
const [port, keyspace] = process.argv.slice(2);
const options = {
  contactPoints: [`127.0.0.1:${port}`],
  localDataCenter: "datacenter1",
  encoding: { useUndefinedAsUnset: true },
};
const first = new cassandra.Client(options);
const client = new cassandra.Client({ ...options, keyspace });

const failing = async (work) => {
  try {
    await work();
    return "it did not fail";
  } catch (error) {
    return [error.code ?? error.name, error.message];
  }
};

async function schema() {
  const { metadata } = client;
  const table = await metadata.getTable(keyspace, "t");
  return [
    metadata.keyspaces[keyspace].strategy.split(".").pop(),
    table.partitionKeys.map((each) => each.name),
    table.clusteringKeys.map((each) => each.name),
    table.columns.map((each) => each.name),
  ];
}

async function values() {
  const id = types.Uuid.fromString("6d6ff3a0-8f8e-4d0c-9a6b-0123456789ab");
  const given = [
    1, "a", types.Long.fromString("9007199254740993"), "ä\u{1f642}", 1.5, true,
    Buffer.from("ff00", "hex"), id, new Date(Date.UTC(2024, 1, 29)), ["x", "y"],
    { one: 1, two: 2 }, types.BigDecimal.fromString("1.50"), types.InetAddress.fromString("::1"),
  ];
  const names = "p, c, big, words, real, yes, raw, id, at, list, map, dec, net";
  const marks = given.map(() => "?").join(", ");
  await client.execute(`INSERT INTO t (${names}) VALUES (${marks})`, given, { prepare: true });
  const row = (await client.execute(`SELECT ${names} FROM t`, [], { prepare: true })).first();
  const came = row.values();
  return given.map((each, n) =>
    JSON.stringify(each) === JSON.stringify(came[n]) ? "same" : JSON.stringify(came[n]));
}

async function paging() {
  const query = "INSERT INTO t (p, c) VALUES (?, ?)";
  const many = Array.from({ length: 250 }, (_, n) => [7, `c${String(n).padStart(3, "0")}`]);
  await cassandra.concurrent.executeConcurrent(client, query, many, { prepare: true });
  const select = "SELECT c FROM t WHERE p = 7";
  const page = await client.execute(select, [], { prepare: true, fetchSize: 100 });
  const next = await client.execute(select, [], {
    prepare: true, fetchSize: 100, pageState: page.pageState,
  });
  let all = 0;
  for await (const row of client.stream(select, [], { prepare: true, fetchSize: 60 })) {
    all += row.c === `c${String(all).padStart(3, "0")}` ? 1 : 1000;
  }
  const pages = [];
  await new Promise((resolve, reject) => {
    client.eachRow(select, [], { prepare: true, fetchSize: 90, autoPage: true },
      (n) => { pages.push(n); },
      (error) => (error ? reject(error) : resolve()));
  });
  const table = await client.execute("SELECT c FROM t", [], { fetchSize: 100 });
  return [page.rowLength, next.first().c, all, pages.length, table.rowLength];
}

async function batches() {
  const insert = "INSERT INTO t (p, c, words) VALUES (?, ?, ?)";
  await client.batch([
    { query: insert, params: [8, "a", "one"] },
    { query: insert, params: [8, "b", "two"] },
  ], { prepare: true });
  const applied = await client.execute(`${insert} IF NOT EXISTS`, [8, "a", "x"], { prepare: true });
  const rows = await client.execute("SELECT words FROM t WHERE p = 8");
  return [rows.rows.map((row) => row.words), applied.wasApplied(), applied.first().words];
}

async function counters() {
  const add = "UPDATE visits SET n = n + ? WHERE page = ?";
  const many = Array.from({ length: 64 }, () => [types.Long.fromNumber(2), "/"]);
  await cassandra.concurrent.executeConcurrent(client, add, many, {
    prepare: true, concurrencyLevel: 64,
  });
  await client.batch([
    { query: add, params: [types.Long.fromNumber(-100), "/"] },
    { query: add, params: [types.Long.fromNumber(5), "/b"] },
  ], { prepare: true, counter: true });
  const rows = (await client.execute("SELECT page, n FROM visits")).rows;
  return rows.map((row) => [row.page, row.n.toString()]).sort();
}

async function conditions() {
  const take = "UPDATE t SET words = ? WHERE p = ? AND c = ? IF words = ?";
  const told = [];
  for (const [to, from] of [["b", "a"], ["c", "a"]]) {
    const set = await client.execute(take, [to, 9, "x", from], { prepare: true });
    told.push([set.wasApplied(), Object.keys(set.first())]);
  }
  await client.execute("INSERT INTO t (p, c, words) VALUES (9, 'x', 'a') IF NOT EXISTS");
  const set = await client.execute(take, ["b", 9, "x", "a"], { prepare: true });
  const rival = await client.execute(take, ["c", 9, "x", "a"], { prepare: true });
  return [told, set.wasApplied(), rival.first()];
}

async function inFlight() {
  const insert = "INSERT INTO t (p, c, big) VALUES (?, ?, ?)";
  const many = Array.from({ length: 640 }, (_, n) => [10 + (n % 8), `c${n}`, types.Long.fromInt(n)]);
  const put = await cassandra.concurrent.executeConcurrent(client, insert, many, {
    prepare: true, concurrencyLevel: 64,
  });
  const counts = await Promise.all(Array.from({ length: 64 }, (_, n) =>
    client.execute("SELECT count(*) FROM t WHERE p = ?", [10 + (n % 8)], { prepare: true })));
  return [put.errors.length, [...new Set(counts.map((set) => set.first().count.toString()))]];
}

async function richTypes() {
  const { Duration, LocalDate, LocalTime, TimeUuid, Tuple, Integer } = types;
  const names = ["p", "d", "day", "time", "tid", "pair", "place", "nested", "small", "tiny", "big",
    "tags", "f"];
  const given = [
    1, Duration.fromString("1mo2d3h"), LocalDate.fromString("2024-02-29"),
    LocalTime.fromString("12:34:56.789"), TimeUuid.fromString("50554d6e-29bb-11e5-b345-feff819cdc9f"),
    new Tuple(1, "one"), { street: "High", number: 3 }, { a: [1, 2], b: [3] }, 300, -5,
    Integer.fromString("123456789012345678901234567890"), ["x", "y"], 1.5,
  ];
  await client.execute(`INSERT INTO rich (${names}) VALUES (${given.map(() => "?")})`, given,
    { prepare: true });
  const row = (await client.execute(`SELECT ${names} FROM rich`)).first();
  const udt = await client.metadata.getUdt(keyspace, "place");
  return [names.filter((name, n) => JSON.stringify(row[name]) !== JSON.stringify(given[n])),
    JSON.stringify(row.nested), udt.fields.map((each) => each.name)];
}

async function extras() {
  await client.execute("INSERT INTO t (p, c, words) VALUES (20, 'a', 'x') USING TTL 1000", [],
    { timestamp: 1234 });
  const row = (await client.execute("SELECT ttl(words) AS left, writetime(words) AS at FROM t"
    + " WHERE p = ?", [20], { consistency: types.consistencies.quorum, prepare: true })).first();
  const traced = await client.execute("SELECT * FROM t WHERE p = 20", [], { traceQuery: true });
  const trace = await client.metadata.getTrace(traced.info.traceId);
  const named = await client.execute("SELECT c FROM t WHERE p = :p", { p: 20 }, { prepare: true });
  return [row.left > 990 && row.left <= 1000, row.at.toString(), trace.requestType,
    trace.events.length > 0, named.rowLength];
}

async function errors() {
  return [
    await failing(() => client.execute("SELEC 1")),
    await failing(() => client.execute("SELECT * FROM nowhere")),
    await failing(() => client.execute("SELECT * FROM t WHERE words = 'x'")),
    await failing(() => first.execute("CREATE KEYSPACE " + keyspace + " WITH replication ="
      + " {'class': 'SimpleStrategy', 'replication_factor': 1}")),
  ].map(([code]) => code);
}

(async () => {
  await first.connect();
  await first.execute("CREATE KEYSPACE IF NOT EXISTS " + keyspace + " WITH replication ="
    + " {'class': 'SimpleStrategy', 'replication_factor': 1}");
  await first.execute("CREATE TABLE " + keyspace + ".t (p int, c text, big bigint, words text,"
    + " real double, yes boolean, raw blob, id uuid, at timestamp, list list<text>,"
    + " map map<text, int>, dec decimal, net inet, PRIMARY KEY (p, c))");
  await first.execute("CREATE TYPE " + keyspace + ".place (street text, number int)");
  await first.execute("CREATE TABLE " + keyspace + ".visits (page text PRIMARY KEY, n counter)");
  await first.execute("CREATE TABLE " + keyspace + ".rich (p int PRIMARY KEY, d duration, day date,"
    + " time time, tid timeuuid, pair tuple<int, text>, place place,"
    + " nested map<text, frozen<list<int>>>, small smallint, tiny tinyint, big varint,"
    + " tags set<text>, f float)");
  await client.connect();
  const parts = [
    schema, values, paging, batches, counters, conditions, inFlight, richTypes, extras, errors,
  ];
  for (const part of parts) {
    console.log(JSON.stringify([part.name, await part()]));
  }
  await first.execute("DROP KEYSPACE " + keyspace);
  await client.shutdown();
  await first.shutdown();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
