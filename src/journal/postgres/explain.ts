import { JournalError, type JournalErrorCode, journalError } from '../errors.ts';

/** SQLSTATE, or its first two characters where all that begin so mean the same. */
const STATES: Readonly<Record<string, JournalErrorCode>> = {
  '08': 'journal-unreachable',
  '22': 'journal-refused',
  '23': 'journal-refused',
  25006: 'journal-readonly', // a standby
  '25P03': 'journal-unreachable', // idle in a transaction for too long: this process stood still
  28: 'journal-credentials',
  '3D000': 'journal-database',
  42501: 'journal-permission',
  53100: 'journal-full',
  53300: 'journal-unreachable', // too many connections
  54: 'journal-refused', // a value too long for its place
  '55P03': 'journal-locked',
  57014: 'journal-failed', // a statement took too long
  57: 'journal-unreachable', // shut down, starting up
};

/** PgBouncer has one SQLSTATE for all that it refuses: a protocol violation. */
const POOLER = '08P01';
const POOLER_SAYS: readonly (readonly [RegExp, JournalErrorCode])[] = [
  [/unsupported startup parameter/, 'journal-parameters'],
  [/database .*does not exist|no such database/, 'journal-database'],
  [/no such user|authentication failed|password/i, 'journal-credentials'],
];

/** What a pooler's refusal means; null where it is not one of these. */
export function poolerRefusal(state: string, message: string): JournalErrorCode | null {
  return state === POOLER ? (POOLER_SAYS.find(([pattern]) => pattern.test(message))?.[1] ?? null) : null;
}

/** Their messages repeat values of rows. */
const TELLING = new Set(['22', '23', '54', '42']);

const NETWORK = /^(E(CONN|HOST|NET|AI_|TIMEDOUT|PIPE|NOTFOUND|NOENT|ADDR)|UND_ERR)/;
const CERTIFICATE = /^(ERR_(TLS|SSL|OSSL)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)|SSL/;
const BROKEN = /Connection terminated|[Tt]imeout|not queryable|server closed the connection/;

/** The JournalError for whatever an operation on this journal threw. Never with a password, or a value of any row. */
export function explainPostgres(error: unknown, place: string): JournalError {
  if (error instanceof JournalError) return error;
  if (!(error instanceof Error)) return journalError('journal-failed', place, String(error));
  // A name with several addresses fails with several errors at once.
  if (error instanceof AggregateError && error.errors.length > 0) return explainPostgres(error.errors[0], place);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const { message } = error;
  if ('severity' in error) return explainState(error, code, place);
  if (NETWORK.test(code)) return journalError('journal-unreachable', place, message);
  if (CERTIFICATE.test(code) || message.includes('does not support SSL'))
    return journalError('journal-tls', place, message);
  if (message.includes('SASL') || message.includes('password'))
    return journalError('journal-credentials', place, message);
  if (BROKEN.test(message)) return journalError('journal-unreachable', place, message);
  if (message.includes('after calling end on the pool')) return journalError('journal-closed', place);
  return journalError('journal-refused', place, message);
}

function explainState(error: Error, state: string, place: string): JournalError {
  const kind = state.slice(0, 2);
  const meaning = poolerRefusal(state, error.message) ?? STATES[state] ?? STATES[kind] ?? 'journal-failed';
  const constraint = 'constraint' in error && typeof error.constraint === 'string' ? `, ${error.constraint}` : '';
  const detail = TELLING.has(kind) && state !== '42501' ? `SQLSTATE ${state}${constraint}` : error.message;
  return journalError(meaning, place, detail);
}

/**
 * Whether another transaction was in the way, so that the same may succeed when it is made once more: a deadlock, a
 * conflict, or a row that somebody else has just deleted or begun to refer to.
 */
export function isSerializationConflict(error: unknown): boolean {
  const state = error instanceof Error && 'severity' in error && 'code' in error ? error.code : null;
  return state === '40P01' || state === '40001' || state === '23503';
}
