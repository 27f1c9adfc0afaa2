import { type SchemaModule, sql } from 'kysely';
import type { Columns } from './columns.ts';

/**
 * Tables with an integer key and a unique index beside it: under a random text key the same inserts are three times
 * slower. The numbers of events and deliveries are lasting: a delivery's number goes out to Slack and must never come back.
 */
export async function initial(schema: SchemaModule, columns: Columns): Promise<void> {
  const { text, bytes, number, key, lastingKey } = columns;
  await schema
    .createTable('seen')
    .addColumn('seq', number, key)
    .addColumn('source', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('seen_once').unique().on('seen').columns(['source', 'key']).execute();
  await schema
    .createTable('events')
    .addColumn('seq', number, lastingKey)
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('source', text, (column) => column.notNull())
    .addColumn('topic', text, (column) => column.notNull())
    .addColumn('subject', text)
    .addColumn('envelope', text, (column) => column.notNull())
    .addColumn('body', bytes, (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .execute();
  await createDeliveries(schema, columns);
  await schema
    .createTable('cards')
    .addColumn('seq', number, key)
    .addColumn('source', text, (column) => column.notNull())
    .addColumn('subject', text, (column) => column.notNull())
    .addColumn('channel', text, (column) => column.notNull())
    .addColumn('channel_id', text, (column) => column.notNull())
    .addColumn('ts', text, (column) => column.notNull())
    .addColumn('shown_at', 'bigint')
    .addColumn('shown_seq', 'bigint')
    .execute();
  await schema.createIndex('cards_once').unique().on('cards').columns(['source', 'subject', 'channel']).execute();
  await schema
    .createTable('probe')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('commits', 'bigint', (column) => column.notNull())
    .execute();
}

async function createDeliveries(schema: SchemaModule, { text, number, lastingKey }: Columns): Promise<void> {
  await schema
    .createTable('deliveries')
    .addColumn('seq', number, lastingKey)
    .addColumn('event_seq', 'bigint', (column) => column.notNull().references('events.seq'))
    .addColumn('lane', text, (column) => column.notNull())
    .addColumn('route', text, (column) => column.notNull())
    .addColumn('target', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('accepted_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('reason_code', text)
    .addColumn('reason', text)
    .addColumn('channel', text)
    .addColumn('ts', text)
    .execute();
  await schema
    .createIndex('deliveries_unfinished')
    .on('deliveries')
    .columns(['lane', 'seq'])
    .where(sql.ref('state'), 'in', sql`('pending', 'sending')`)
    .execute();
}
