// neo4j-driver against the URL that is the first argument: prints what came of each part as JSON.
"use strict";

const neo4j = require("neo4j-driver");

const url = process.argv[2];
const driver = neo4j.driver(url, neo4j.auth.basic("neo4j", "secret"), {
  disableLosslessIntegers: true,
});

const inSession = async (work, options = {}) => {
  const session = driver.session(options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
};

const failing = async (work) => {
  try {
    await work();
    return "it did not fail";
  } catch (error) {
    return [error.code, error.gqlStatus, error.retriable, error.diagnosticRecord._detail ?? null];
  }
};

async function server() {
  const info = await driver.getServerInfo();
  await driver.verifyAuthentication();
  return [info.agent, info.protocolVersion, await driver.supportsMultiDb()];
}

async function values() {
  const { Date, Time, LocalTime, LocalDateTime, DateTime, Duration } = neo4j.types;
  const given = [
    null, true, 1, -5, 1.5, "ä\u{1f642}", [1, [2, { a: null }]], { b: { c: [] } },
    new Date(2024, 2, 29), new Time(1, 2, 3, 4, 3600), new LocalTime(1, 2, 3, 4),
    new LocalDateTime(2024, 1, 2, 3, 4, 5, 6),
    new DateTime(2024, 7, 1, 12, 0, 0, 5, -3600), new Duration(1, 2, 3, 4),
  ];
  const { records } = await driver.executeQuery("RETURN $given AS found", { given });
  const found = records[0].get("found");
  return given.map((value, place) =>
    JSON.stringify(value) === JSON.stringify(found[place]) ? "same" : [value, found[place]]);
}

async function zones() {
  const given = new neo4j.types.DateTime(2024, 7, 1, 12, 0, 0, 5, undefined, "Europe/Paris");
  const { records } = await driver.executeQuery("RETURN $given AS found", { given });
  return records[0].get("found").toString();
}

async function entities() {
  const { records, summary } = await driver.executeQuery(
    "CREATE path = (a:Person:Admin {name: 'Ann'})-[k:KNOWS {since: 2020}]->(:Person {name: 'Bob'})" +
    " RETURN a, k, path");
  const [record] = records;
  const [a, k, path] = ["a", "k", "path"].map((name) => record.get(name));
  return [
    a.labels, a.properties, k.type, k.properties, k.startNodeElementId === a.elementId,
    path.length, path.segments[0].end.properties, summary.counters.updates(),
    summary.queryType, summary.database.name, record.keys,
  ];
}

async function transactions() {
  return inSession(async (session) => {
    const tried = [];
    const count = await session.executeWrite(async (tx) => {
      tried.push(1);
      await tx.run("CREATE (:Visit)");
      const result = await tx.run("MATCH (v:Visit) RETURN count(v) AS n");
      return result.records[0].get("n");
    });
    const open = session.beginTransaction();
    await open.run("CREATE (:Visit)");
    await open.rollback();
    const after = await session.run("MATCH (v:Visit) RETURN count(v) AS n");
    return [tried.length, count, after.records[0].get("n"), session.lastBookmarks().length];
  });
}

async function streaming() {
  return inSession(async (session) => {
    let sum = 0;
    for await (const record of session.run("UNWIND range(1, 5000) AS n RETURN n")) {
      sum += record.get("n");
    }
    let seen = 0;
    for await (const record of session.run("UNWIND range(1, 5000) AS n RETURN n")) {
      seen += record.get("n");
      if (seen > 10) break;
    }
    return [sum, seen];
  }, { fetchSize: 100 });
}

async function errors() {
  return [
    await failing(() => driver.executeQuery("RETRUN 1")),
    await failing(() => driver.executeQuery("RETURN x")),
    await failing(() => driver.executeQuery("RETURN 1 / 0")),
    await failing(() => driver.executeQuery("RETURN $missing")),
    await failing(() => driver.executeQuery("RETURN 1", {}, { database: "nowhere" })),
    await failing(() => inSession((session) => session.run("CREATE ()"), {
      defaultAccessMode: neo4j.session.READ,
    })),
    await failing(() => driver.executeQuery("RETURN $p", { p: new neo4j.types.Point(7203, 1, 2) })),
  ];
}

async function main() {
  for (const part of [server, values, zones, entities, transactions, streaming, errors]) {
    let came;
    try {
      came = await part();
    } catch (error) {
      came = `broke: ${error.stack}`;
    }
    console.log(JSON.stringify([part.name, came]));
  }
  await driver.close();
}

main();
