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
  return [page.rowLength, next.first().c, all];
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
  await client.connect();
  for (const part of [schema, values, paging, batches, errors]) {
    console.log(JSON.stringify([part.name, await part()]));
  }
  await first.execute("DROP KEYSPACE " + keyspace);
  await client.shutdown();
  await first.shutdown();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
