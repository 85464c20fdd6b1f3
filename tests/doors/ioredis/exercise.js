// ioredis against the server whose port is the first argument: prints what came of each part as JSON.
"use strict";

const Redis = require("ioredis");

const port = Number(process.argv[2]);
const open = (options = {}) => new Redis({ port, lazyConnect: false, ...options });

async function pipelines(redis) {
  return redis.pipeline().set("s", "1").incr("s").lpush("s", "x")
    .hset("h", { a: "1", b: "2" }).hgetall("h")
    .rpush("l", "x", "y", "z").lrange("l", 0, -1)
    .zadd("z", 1.5, "p", 2, "q").zrange("z", 0, -1, "WITHSCORES")
    .exec().then((replies) => replies.map(([error, value]) => (error ? error.message : value)));
}

async function transactions(redis) {
  const done = await redis.multi().set("m", "1").incr("m").incr("h").get("m").exec();
  const replies = done.map(([error, value]) => (error ? error.message : value));
  const aborted = await redis.multi().set("m", "9").call("nosuch").exec().catch((e) => e.message);
  const other = open();
  await redis.watch("m");
  await other.set("m", "7");
  const watched = await redis.multi().incr("m").exec();
  other.disconnect();
  return [replies, aborted, watched, await redis.get("m")];
}

async function scripts(redis) {
  redis.defineCommand("addAndLog", {
    numberOfKeys: 2,
    lua: "local n = redis.call('INCRBY', KEYS[1], ARGV[1]) redis.call('RPUSH', KEYS[2], n) return {n, redis.call('LLEN', KEYS[2])}",
  });
  const first = await redis.addAndLog("n", "log", 5);
  await redis.script("FLUSH");
  const second = await redis.addAndLog("n", "log", 2);
  const piped = await redis.pipeline().addAndLog("n", "log", 1).get("n").exec();
  return [first, second, piped.map(([, value]) => value)];
}

async function publishing(redis) {
  const listener = open();
  const heard = [];
  await listener.subscribe("news");
  await listener.psubscribe("w*");
  const whole = new Promise((resolve) => {
    const note = (...words) => heard.push(words.join(" ")) === 3 && resolve();
    listener.on("message", note);
    listener.on("pmessage", note);
  });
  const counts = [await redis.publish("news", "hello"), await redis.publish("weather", "sun")];
  counts.push(await redis.publish("news", "bye"), await redis.publish("nobody", "?"));
  await whole;
  await listener.unsubscribe("news");
  await listener.punsubscribe("w*");
  listener.disconnect();
  return [counts, heard];
}

// CLIENT LIST shows a client that waits with the flag b.
async function untilWaiting(redis, command) {
  while (!new RegExp(` flags=b .* cmd=${command} `).test(await redis.client("LIST"))) { /* ask again */ }
}

async function waiting(redis) {
  const waiter = open();
  const results = [];
  for (const [words, gift] of [
    [["blpop", "q1", "q2", 20], ["rpush", "q2", "one"]],
    [["bzpopmin", "qz", 20], ["zadd", "qz", 3, "m"]],
    [["blmove", "q1", "q3", "LEFT", "RIGHT", 20], ["rpush", "q1", "two"]],
  ]) {
    const waited = waiter.call(...words);
    await untilWaiting(redis, words[0]);
    await redis.call(...gift);
    results.push(await waited);
  }
  results.push(await waiter.blpop("q1", 0.05));
  waiter.disconnect();
  return results;
}

async function streams(redis) {
  const ids = [];
  for (let n = 0; n < 3; n++) ids.push(await redis.xadd("x", `1-${n + 1}`, "n", n));
  await redis.xgroup("CREATE", "x", "g", 0);
  const again = await redis.xgroup("CREATE", "x", "g", 0).catch((error) => error.message);
  const read = await redis.xreadgroup("GROUP", "g", "c", "COUNT", 2, "STREAMS", "x", ">");
  const waiter = open();
  const fresh = waiter.xread("BLOCK", 20000, "STREAMS", "x", "$");
  await untilWaiting(redis, "xread");
  await redis.xadd("x", "2-1", "n", 9);
  const results = [ids, again, read, await redis.xack("x", "g", "1-1"), await fresh];
  results.push(await redis.xpending("x", "g"));
  waiter.disconnect();
  return results;
}

async function scans(redis) {
  const pipe = redis.pipeline();
  for (let n = 0; n < 200; n++) pipe.set(`k:${n}`, n).sadd("members", n);
  await pipe.exec();
  const keys = new Set();
  for await (const found of redis.scanStream({ match: "k:*", count: 7 })) found.forEach((key) => keys.add(key));
  const members = new Set();
  for await (const found of redis.sscanStream("members")) found.forEach((one) => members.add(one));
  return [keys.size, members.size, (await redis.getBuffer("k:7")).toString("hex")];
}

async function errors(redis) {
  const said = [];
  for (const words of [["incr", "h"], ["get"], ["nosuch", "a"], ["set", "a", "b", "nosuch"]])
    said.push(await redis.call(...words).catch((error) => error.message));
  const elsewhere = open({ db: 3, keyPrefix: "p:", connectionName: "three" });
  await elsewhere.set("a", "1");
  said.push(await elsewhere.dbsize(), await elsewhere.client("GETNAME"), await redis.dbsize() > 5);
  elsewhere.disconnect();
  return said;
}

async function main() {
  const redis = open();
  await redis.flushall();
  const parts = { pipelines, transactions, scripts, publishing, waiting, streams, scans, errors };
  for (const [name, part] of Object.entries(parts))
    console.log(JSON.stringify([name, await part(redis).catch((error) => `broke: ${error.stack}`)]));
  await redis.quit();
}

main();
