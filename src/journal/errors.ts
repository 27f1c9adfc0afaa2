/**
 * Everything the journal can fail with. The codes are stable; the message says what happened, where and what to do.
 */
export type JournalErrorCode =
  | 'journal-path'
  | 'journal-not-a-journal'
  | 'journal-newer'
  | 'journal-older'
  | 'journal-missing'
  | 'journal-locked'
  | 'journal-full'
  | 'journal-readonly'
  | 'journal-failed'
  | 'journal-lost'
  | 'journal-replaced'
  | 'journal-side-file'
  | 'journal-linked'
  | 'journal-damaged'
  | 'journal-unreachable'
  | 'journal-credentials'
  | 'journal-tls'
  | 'journal-parameters'
  | 'journal-pooler'
  | 'journal-database'
  | 'journal-permission'
  | 'journal-moving'
  | 'journal-miscopied'
  | 'journal-not-empty'
  | 'journal-refused'
  | 'lane-lost'
  | 'journal-closed';

const CATALOGUE: Readonly<Record<JournalErrorCode, { readonly what: string; readonly remedy: string }>> = {
  'journal-path': {
    what: 'cannot be opened there',
    remedy: 'Give `journal:` a file in a folder that this user may write to.',
  },
  'journal-not-a-journal': {
    what: 'is not a journal',
    remedy: 'Give `journal:` another path, or move that file away.',
  },
  'journal-newer': {
    what: 'was written by a newer alo-relay',
    remedy: 'Run that version or a later one, or give `journal:` another path.',
  },
  'journal-older': {
    what: 'is used by an older alo-relay',
    remedy: "Ask with that version, or start this version's service first: it brings the journal up to date.",
  },
  'journal-missing': {
    what: 'is not there yet',
    remedy: 'Name the config of the service with --config, or start the service: it makes the journal.',
  },
  'journal-locked': {
    what: 'is in use by another process',
    remedy: 'Stop the other alo-relay, or give this one a journal of its own. A database is tried again by itself.',
  },
  'journal-unreachable': {
    what: 'cannot be reached',
    remedy: 'Check that the database runs and that this machine can reach it; the journal goes on by itself.',
  },
  'journal-credentials': {
    what: 'does not let this user in',
    remedy: "Check user and password of `journal:`, and the database's own rules for who may connect (pg_hba.conf).",
  },
  'journal-tls': {
    what: 'cannot be spoken to as `tls` asks for',
    remedy: "Compare `journal.tls` (or the address's sslmode) with the database's certificate and its settings.",
  },
  'journal-parameters': {
    what: 'is behind a pooler that refuses a parameter of its address',
    remedy:
      'Remove `options` from the address, or list the parameter under `ignore_startup_parameters` in pgbouncer.ini.',
  },
  'journal-pooler': {
    what: 'is behind a pooler that shares sessions (PgBouncer in transaction or statement mode)',
    remedy: 'Set `pool_mode = session` for this database in pgbouncer.ini, or name Postgres itself in `journal:`.',
  },
  'journal-database': {
    what: 'is in a database that does not exist',
    remedy: 'Create the database, or name another one.',
  },
  'journal-permission': {
    what: 'is closed to this user',
    remedy: 'Make this user the owner of the schema, or let it create one in the database.',
  },
  'journal-full': {
    what: 'has no room left',
    remedy: 'Free space on its disk; the journal goes on by itself.',
  },
  'journal-readonly': {
    what: 'cannot be written',
    remedy: 'Make the file, its folder and the file system writable for this user; of a database, name the primary.',
  },
  'journal-failed': {
    what: 'failed',
    remedy: 'Check the disk and the log; the journal is tried again with the next change.',
  },
  'journal-lost': {
    what: 'is gone until the program starts again',
    remedy: 'Start the service again: what was accepted is kept. If it happens again, check memory and disk.',
  },
  'journal-replaced': {
    what: 'is not the file that this service opened',
    remedy:
      'Stop the service, put the journal and its -wal file (or a backup) back, then start it: a start without them begins an empty journal. Until then nothing is accepted or sent.',
  },
  'journal-side-file': {
    what: 'lost a file that belongs to it',
    remedy:
      'Restart the service with SIGTERM, which saves the log, not with SIGKILL. Until then nothing is accepted or sent.',
  },
  'journal-linked': {
    what: 'has a hard link',
    remedy:
      'Remove the other name (`find DIR -samefile FILE` shows it), or copy the file and give `journal:` the copy.',
  },
  'journal-damaged': {
    what: 'is damaged',
    remedy:
      'Stop the service, copy the file with its -wal and check the disk. Then restore a backup, or run `sqlite3 relay.db .recover | sqlite3 new.db`, and check it with `alo-relay doctor`. Until then no event is accepted.',
  },
  'journal-moving': {
    what: 'holds part of a move that version 0.1 did not finish',
    remedy: 'Drop its schema (`drop schema NAME cascade`), and run `alo-relay move` again.',
  },
  'journal-miscopied': {
    what: 'did not take the copy as it is',
    remedy: 'Nothing was kept. Remove triggers and rules from the schema, or move into another one (--schema NAME).',
  },
  'journal-not-empty': {
    what: 'is in use already',
    remedy: 'Move into another schema (--schema NAME), or drop this one, where nobody needs what is in it.',
  },
  'journal-refused': {
    what: 'refused one change',
    remedy: 'This is a defect of alo-relay: please report it.',
  },
  'lane-lost': {
    what: 'takes no more from this instance for a lane that another one runs by now',
    remedy: 'Nothing has to be done: whoever runs the lane goes on with it.',
  },
  'journal-closed': {
    what: 'is closed',
    remedy: 'Start the service again.',
  },
};

/** What cannot be expected to go better with the next change in the same batch. */
const OUTAGES: ReadonlySet<JournalErrorCode> = new Set([
  'journal-full',
  'journal-readonly',
  'journal-locked',
  'journal-unreachable',
  'journal-credentials',
  'journal-tls',
  'journal-database',
  'journal-permission',
  'journal-failed',
  'journal-lost',
  'journal-replaced',
  'journal-side-file',
  'journal-damaged',
]);

export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;
  readonly path: string;

  constructor(code: JournalErrorCode, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }

  /** True where the journal as a whole cannot take changes now, false where one change is at fault. */
  get outage(): boolean {
    return OUTAGES.has(this.code);
  }
}

/** The catalogue's error for this code. `detail` is the engine's own word: it must hold no value of any row. */
export function journalError(code: JournalErrorCode, path: string, detail?: string): JournalError {
  const { what, remedy } = CATALOGUE[code];
  return new JournalError(
    code,
    path,
    `the journal ${path} ${what}${detail === undefined ? '' : ` (${detail})`}. ${remedy}`,
  );
}
