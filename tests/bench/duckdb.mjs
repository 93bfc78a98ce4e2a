// Groups a CSV file by columns with DuckDB, from its own table and from the file.
// usage: node duckdb.mjs FOLDER_OF_THE_PACKAGE FILE COLUMNS
// Prints a line each for: table, file; seconds of CPU and wall (the run of three with the least
// CPU), classes, unique records, smallest and largest class.
import { createRequire } from 'node:module';

const [, , folder, file, columns] = process.argv;
const { DuckDBInstance } = createRequire(folder + '/')('@duckdb/node-api');
const db = await (await DuckDBInstance.create(':memory:')).connect();

async function timed(name, from) {
  let best = null;
  for (let i = 0; i < 3; i++) {
    const cpu = process.cpuUsage(), start = process.hrtime.bigint();
    const result = await db.runAndReadAll(
      'select count(*), sum((n = 1)::int), min(n), max(n) from ' +
      `(select count(*) n from ${from} group by ${columns})`);
    const wall = Number(process.hrtime.bigint() - start) / 1e9, used = process.cpuUsage(cpu);
    const one = [(used.user + used.system) / 1e6, wall, result.getRows()[0].map(String)];
    if (best === null || one[0] < best[0]) best = one;
  }
  console.log(name, best[0].toFixed(3), best[1].toFixed(3), best[2].join(' '));
}

await db.run(`create table t as select * from read_csv('${file}')`);
await timed('table', 't');
await db.run('drop table t');
await timed('file', `read_csv('${file}')`);
