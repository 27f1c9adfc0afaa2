/**
 * The address of a database, as libpq reads it: `postgres://user:password@host:5432/database?sslmode=verify-full`. What
 * cannot be done as libpq does it is refused, never done otherwise.
 *
 * A password with a bare `/`, `?` or `#` ends the host too early, and what is left of it stands where nothing is secret:
 * an `@` behind the host is refused for that, and no message repeats any part of an address.
 */
import { Secret } from '../core/secret.ts';
import { readParameters, URL_FORM, type UrlFault, type UrlTls } from './url-parameters.ts';

interface DatabaseUrl {
  /** As settings.ts has it. */
  readonly url: Secret;
  /** Host, port and database. */
  readonly place: string;
  /** Null: it says nothing about it. */
  readonly tls: UrlTls | null;
}

export type ParsedUrl =
  | { readonly ok: true; readonly value: DatabaseUrl }
  | { readonly ok: false; readonly fault: UrlFault };

/**
 * A pattern of what is no path to a file: addresses, also as other programs write them, and libpq's keywords. All of them
 * may hold a password, and a path is shown.
 */
export const NO_PATH = '[\\s\\S]*(://|(password|host|user|dbname) *=)|(postgres(ql)?|sqlite3?|file):';

const NO_FILE = new RegExp(`^(${NO_PATH})`);

/** Whether `journal:` names a file. */
export function isFile(journal: string): boolean {
  return journal.trim() !== '' && !NO_FILE.test(journal.trim());
}

const ADDRESS = /^(postgres(?:ql)?):\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const HOST_AND_PORT = /^(\[[0-9a-fA-F:.]+\]|(?:[\p{Letter}\p{Number}._~-]|%[0-9a-fA-F]{2})*)(?::(\d{1,5}))?$/u;

const ENCODING =
  'In user and password, write %25 for %, %2F for /, %3F for ?, %23 for #, %40 for @, %3A for : and %20 for a space.';

const FAULTS = {
  protocol: ['This is no address of Postgres.', `${URL_FORM} A file is named by its path: journal: ./data/relay.db.`],
  characters: ['This address holds characters that have to be written otherwise.', ENCODING],
  several: ['This address names several hosts.', 'Name one: the one that leads to the primary.'],
  host: ['This address names no host, or host and port cannot be read.', `${URL_FORM} ${ENCODING}`],
  database: ['This address names no database.', URL_FORM],
} as const satisfies Readonly<Record<string, readonly [message: string, remedy: string]>>;

/** Takes an address apart. Never throws. */
export function parseDatabaseUrl(written: string): ParsedUrl {
  const text = written.trim();
  const [, , authority, path = '', query = ''] = ADDRESS.exec(text) ?? [];
  if (authority === undefined) return refused(/^postgres(ql)?:\/\//.test(text) ? 'characters' : 'protocol');
  if (/\s|%(?![0-9a-fA-F]{2})/.test(text) || `${path}${query}`.includes('@')) return refused('characters');
  const parameters = readParameters(query);
  if ('fault' in parameters) return { ok: false, fault: parameters.fault };
  const { socket, passedOn, tls } = parameters;
  const where = readWhere(authority, path, socket);
  if (typeof where === 'string') return refused(where);
  const { userInfo, place } = where;
  return {
    ok: true,
    value: { url: new Secret(`postgres://${userInfo}${place}${passedOn}`), place: `postgres://${place}`, tls },
  };
}

/** Host, port and database, and what stands before them, each as `pg` reads it; or what is wrong with it. */
function readWhere(
  authority: string,
  path: string,
  socket: string | null,
): { readonly userInfo: string; readonly place: string } | keyof typeof FAULTS {
  const at = authority.lastIndexOf('@');
  const userInfo = recoded(authority.slice(0, at + 1));
  const hostAndPort = authority.slice(at + 1);
  if (hostAndPort.includes(',')) return 'several';
  const [, named, port = ''] = HOST_AND_PORT.exec(hostAndPort) ?? [];
  const host = decoded(named || (socket ?? ''));
  const database = decoded(path);
  if (userInfo === null || host === null || database === null) return 'characters';
  if (named === undefined || Number(port) > 65_535 || !isHost(host)) return 'host';
  // Of such a name `pg` would make another.
  if (database === '' || /^\.{1,2}$|[/?#]/.test(database)) return 'database';
  const writtenHost = host.startsWith('[')
    ? host
    : encodeURIComponent(host.startsWith('/') ? host : host.toLowerCase());
  const writtenPort = port === '' || Number(port) === 5432 ? '' : `:${Number(port)}`;
  return { userInfo, place: `${writtenHost}${writtenPort}/${encodeURI(database)}` };
}

/** `user:password@`, with everything in it that could be taken for something else encoded. */
function recoded(userInfo: string): string | null {
  const [, user = '', colon = '', password = ''] = /^([^:]*)(:?)(.*)@$/s.exec(userInfo) ?? [];
  const [plainUser, plainPassword] = [decoded(user), decoded(password)];
  if (plainUser === null || plainPassword === null) return null;
  const written = `${encodeURIComponent(plainUser)}${colon}${encodeURIComponent(plainPassword)}`;
  return written === '' ? '' : `${written}@`;
}

function refused(why: keyof typeof FAULTS): ParsedUrl {
  const [message, remedy] = FAULTS[why];
  return { ok: false, fault: { message, remedy } };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A name, an address, or the folder of a socket. */
function isHost(host: string): boolean {
  return host.startsWith('/') || /^(\[.+\]|[\p{Letter}\p{Number}._-]+)$/u.test(host);
}
