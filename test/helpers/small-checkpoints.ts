/** For `node --import`: SQLite's log begins anew every few commits, as it does every few thousand otherwise. */
import { DatabaseSync } from 'node:sqlite';

const PAGES = 100;

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql.replace(/(?<=wal_autocheckpoint\s*=\s*)\d+/, String(PAGES)));
};
