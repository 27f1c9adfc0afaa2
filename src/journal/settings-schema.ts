/** `journal:` as a user writes it. What its address says is looked at in database-url.ts, once the config's shape is right. */
import { z } from 'zod';
import { asWritten, VARIABLE } from '../language/json-schema.ts';
import { object } from '../language/schema.ts';
import { filled, flag, number, text } from '../language/values.ts';
import { isFile, NO_PATH } from './database-url.ts';

export const DEFAULT_JOURNAL = './data/relay.db';

const JOURNAL_HELP =
  'A file is needed, such as ./data/relay.db, or a database: postgres://…, or { url: "${DATABASE_URL}", schema: alo_relay }.';
const URL_HELP =
  'An address of Postgres is needed, best as "${DATABASE_URL}": postgres://user:password@host:5432/database.';
const SCHEMA_HELP =
  'The name of a schema is needed: small letters, digits and _ only, 40 at most, no digit first, and not pg_.';
const TLS_HELP =
  'Files are needed, such as { ca: ./ca.pem }; { verify: true } checks by the authorities known to Node.';

const DATABASE_DEFAULTS = { schema: 'alo_relay', pool: 10 } as const;

const ADDRESS = '^postgres(ql)?://';

function isAddress(written: string): boolean {
  return new RegExp(ADDRESS).test(written.trim());
}

/** What begins like an address, and is none of Postgres, is no path either. */
const place = asWritten(
  filled(JOURNAL_HELP, 'It must not be empty.').refine(
    (written) => written.trim() === '' || isFile(written) || isAddress(written),
    { error: `This is no file, and no address of Postgres. ${JOURNAL_HELP}` },
  ),
  { type: 'string', pattern: `^(?!${NO_PATH})[\\s\\S]*\\S|${ADDRESS}|${VARIABLE}` },
);

const tls = object(
  {
    ca: text.optional().describe('The authorities to trust, a PEM file. Default: those that come with Node.'),
    cert: text.optional().describe('The certificate to show, a PEM file.'),
    key: text.optional().describe('Its key, a PEM file.'),
    verify: flag
      .default(true)
      .describe("Refuse a server whose certificate is not by these authorities, or not the host's. Default: true."),
  },
  TLS_HELP,
);

const database = object(
  {
    url: asWritten(z.string({ error: URL_HELP }).refine(isAddress, { error: URL_HELP }), {
      type: 'string',
      pattern: `${ADDRESS}|${VARIABLE}`,
    }).describe('postgres://user:password@host:5432/database. Write "${DATABASE_URL}": it holds a password.'),
    schema: z
      .string({ error: SCHEMA_HELP })
      .regex(/^(?!pg_)[a-z_][a-z0-9_]{0,39}$/, { error: SCHEMA_HELP })
      .default(DATABASE_DEFAULTS.schema)
      .describe('Where its tables are; created where it is missing. Default: alo_relay.'),
    pool: number(3, 500, { integer: true })
      .default(DATABASE_DEFAULTS.pool)
      .describe('Connections at once, at most, of one instance. Default: 10.'),
    tls: tls.optional().describe('Encrypt the connection. Without it, and without sslmode in the url, it is not.'),
  },
  JOURNAL_HELP,
);

export const journalSchema = z.union([place, database], { error: JOURNAL_HELP });

export type WrittenJournal = z.output<typeof journalSchema>;

export type WrittenDatabase = Exclude<WrittenJournal, string>;

/** The address of a database, with what is the default for everything else. */
export function databaseAt(url: string): WrittenDatabase {
  return { url, ...DATABASE_DEFAULTS };
}
