/** Run as a process of its own: accepts events without end, and prints each key once it was accepted. */
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { receipt } from './samples.ts';

const [path = ''] = process.argv.slice(2);
const journal = await openSqliteJournal(path);
let last = 0;

async function flood(): Promise<never> {
  for (;;) {
    last += 1;
    const key = `k${last}`;
    await journal.accept(receipt({ key, keepUntil: Number.MAX_SAFE_INTEGER, lanes: [key] }));
    // At once where it is a pipe, and without failing where that is full.
    process.stdout.write(`${key}\n`);
  }
}

await Promise.all(Array.from({ length: 32 }, flood));
