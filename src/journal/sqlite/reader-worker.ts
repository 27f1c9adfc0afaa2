/** The thread of reader.ts: reads from the journal's file, and copies its log into the database file. */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { JournalErrorCode } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { OPERATIONS } from '../operations/all.ts';
import { SqliteConnection } from './connection.ts';
import { explainSqlite } from './errors.ts';

export interface ReaderOptions {
  /** The database file. */
  readonly file: string;
  /** As people are told where the journal is. */
  readonly path: string;
}

export interface Order {
  readonly id: number;
  readonly what: { readonly read: string; readonly given: readonly unknown[] } | { readonly checkpoint: true };
}

/** To the order of that id. A JournalError comes as plain data: structured clone keeps neither its class nor its code. */
export type Answer = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly failure: { readonly code: JournalErrorCode; readonly path: string; readonly message: string } }
);

const READS: ReadonlyMap<string, Operation<unknown[], unknown>> = new Map(Object.entries(OPERATIONS));

function serve(port: MessagePort, { file, path }: ReaderOptions): void {
  // Not `readOnly`, since a checkpoint writes; and never created, should it be gone.
  const url = pathToFileURL(file);
  url.searchParams.set('mode', 'rw');
  const database = new DatabaseSync(url);
  const connection = new SqliteConnection(database, null);
  const done = async ({ what }: Order): Promise<unknown> => {
    if ('checkpoint' in what) return database.exec('pragma wal_checkpoint(passive)');
    return READS.get(what.read)?.run(connection, ...what.given);
  };
  port.on('message', (order: Order) => {
    done(order).then(
      (value) => port.postMessage({ id: order.id, value } satisfies Answer),
      (error: unknown) => {
        const { code, message } = explainSqlite(error, path);
        port.postMessage({ id: order.id, failure: { code, path, message } } satisfies Answer);
      },
    );
  });
}

if (parentPort !== null) serve(parentPort, workerData as ReaderOptions);
