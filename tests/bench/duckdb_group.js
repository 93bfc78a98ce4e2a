// Seconds of one GROUP BY in DuckDB with two threads: on its own table, and from a CSV file.
// usage: node duckdb_group.js FILE.csv COLUMN,COLUMN,...     (finds the package in the current folder)
"use strict";
const { DuckDBInstance } = require(process.cwd() + "/node_modules/@duckdb/node-api");
const [file, columns] = process.argv.slice(2);
const group = (from) =>
  `SELECT count(*), min(n), sum((n = 1)::int) FROM (SELECT count(*) AS n FROM ${from} GROUP BY ${columns})`;
(async () => {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  const best = async (sql, times) => {
    let least = Infinity;
    for (let i = 0; i < times; i++) {
      const from = process.hrtime.bigint();
      await (await db.runAndReadAll(sql)).getRows();
      least = Math.min(least, Number(process.hrtime.bigint() - from) / 1e9);
    }
    return least;
  };
  const csv = `read_csv_auto('${file.replace(/'/g, "''")}')`;
  await db.run("SET threads = 2");
  const fromCsv = await best(group(csv), 2);
  await db.run(`CREATE TABLE t AS SELECT * FROM ${csv}`);
  const own = await best(group("t"), 3);
  console.log(own.toFixed(4), fromCsv.toFixed(4));
})().catch((e) => {
  console.error(String(e));
  process.exit(1);
});
