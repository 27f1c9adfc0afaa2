/**
 * For `node --import`: SQLite's log begins anew every few commits, as it does every few thousand otherwise. It is copied
 * into the database file by a thread while commits go on, or by the commit that finds it too long, as in the program.
 */
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

const TOO_MANY_PAGES = 150;
/** At most. A checkpoint syncs the log: were they closer, nothing would be left that only the program's sync saves. */
const EVERY_MS = 400;

const CHECKPOINTING = `
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(require('node:worker_threads').workerData);
(function checkpoint() {
  try {
    database.exec('pragma wal_checkpoint(passive)');
  } catch {
    // Somebody else has the database just now.
  }
  setTimeout(checkpoint, Math.random() * ${EVERY_MS});
})();
`;

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  const small = sql.replace(/(?<=wal_autocheckpoint\s*=\s*)\d+/, String(TOO_MANY_PAGES));
  exec.call(this, small);
  // Only the connection that writes says so.
  if (small !== sql) new Worker(CHECKPOINTING, { eval: true, execArgv: [], workerData: this.location() }).unref();
};
