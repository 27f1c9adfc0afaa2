/** What SQLite's errors mean for a journal. */
import { JournalError, type JournalErrorCode, journalError } from '../errors.ts';

/** SQLite's primary result codes; the bits above the lowest eight only refine them. */
const CODES: Readonly<Record<number, JournalErrorCode>> = {
  1: 'journal-refused', // SQLITE_ERROR
  5: 'journal-locked', // SQLITE_BUSY
  6: 'journal-locked', // SQLITE_LOCKED
  8: 'journal-readonly', // SQLITE_READONLY
  11: 'journal-damaged', // SQLITE_CORRUPT
  13: 'journal-full', // SQLITE_FULL
  14: 'journal-path', // SQLITE_CANTOPEN
  18: 'journal-refused', // SQLITE_TOOBIG
  19: 'journal-refused', // SQLITE_CONSTRAINT
  20: 'journal-refused', // SQLITE_MISMATCH
  25: 'journal-refused', // SQLITE_RANGE
  26: 'journal-not-a-journal', // SQLITE_NOTADB
};

/** Of SQLITE_IOERR, which otherwise may pass: a page cannot be read, or not as it was written. */
const UNREADABLE: ReadonlySet<number> = new Set([
  266, // SQLITE_IOERR_READ
  522, // SQLITE_IOERR_SHORT_READ
  8202, // SQLITE_IOERR_DATA
  8458, // SQLITE_IOERR_CORRUPTFS
]);

/** Of the file system. */
const SYSTEM_CODES: Readonly<Record<string, JournalErrorCode>> = {
  ENOSPC: 'journal-full',
  EDQUOT: 'journal-full',
  EACCES: 'journal-readonly',
  EPERM: 'journal-readonly',
  EROFS: 'journal-readonly',
};

/** The JournalError for whatever an operation on this journal threw. */
export function explainSqlite(error: unknown, path: string): JournalError {
  if (error instanceof JournalError) return error;
  if (!(error instanceof Error)) return journalError('journal-refused', path, String(error));
  const { message } = error;
  if (!('errcode' in error) || typeof error.errcode !== 'number') {
    const system = 'code' in error ? SYSTEM_CODES[String(error.code)] : undefined;
    return journalError(system ?? 'journal-refused', path, message);
  }
  const code = UNREADABLE.has(error.errcode) ? 'journal-damaged' : CODES[error.errcode & 0xff];
  return journalError(code ?? 'journal-failed', path, message);
}
