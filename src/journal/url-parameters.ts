/** What an address of a database says behind its question mark. */

const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;

/** What an address says about TLS. The files are named as they are written. */
export interface UrlTls {
  readonly mode: (typeof TLS_MODES)[number];
  /** `system`: the authorities that come with Node. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

export interface UrlFault {
  readonly message: string;
  readonly remedy: string;
}

interface Parameters {
  readonly tls: UrlTls | null;
  /** The folder of a Unix socket. */
  readonly socket: string | null;
  /** What Postgres is told: `?…`, or nothing. */
  readonly passedOn: string;
}

export const URL_FORM = 'Write postgres://user:password@host:5432/database.';

const KNOWN = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'application_name', 'options', 'host'] as const;

/** What others take here, and what to do instead. Only these names are ever shown. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['user', URL_FORM],
  ['password', URL_FORM],
  ['port', URL_FORM],
  ['dbname', URL_FORM],
  ['ssl', 'Write sslmode=verify-full, or sslmode=disable.'],
  ['schema', 'Write journal: { url: …, schema: NAME }.'],
  ['search_path', 'Write journal: { url: …, schema: NAME }.'],
  ['currentSchema', 'Write journal: { url: …, schema: NAME }.'],
  ['connection_limit', 'Write journal: { url: …, pool: NUMBER }.'],
  ['pgbouncer', 'Leave it out. PgBouncer in session mode needs no parameter; its other modes are refused.'],
  ['channel_binding', 'Leave it out; sslmode=verify-full makes sure of the server.'],
  ['target_session_attrs', 'Leave it out, and name the primary.'],
  ['sslnegotiation', 'Leave it out.'],
  ['gssencmode', 'Leave it out.'],
  ['connect_timeout', 'Leave it out: there is a time limit.'],
]);

/** Asked for by those who want what is done here anyway, or what changes nothing. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'uselibpqcompat=true',
  'channel_binding=prefer',
  'gssencmode=disable',
]);

/** Takes apart what stands behind the question mark. */
export function readParameters(query: string): Parameters | { readonly fault: UrlFault } {
  const all = [...new URLSearchParams(query)].filter(([name, value]) => !WITHOUT_EFFECT.has(`${name}=${value}`));
  for (const [name] of all) {
    if (KNOWN.some((known) => known === name)) continue;
    const instead = ELSEWHERE.get(name);
    const message = `This address has a parameter that is not taken here${instead === undefined ? '' : `: ${name}`}.`;
    return { fault: { message, remedy: instead ?? `Leave it out. Known here: ${KNOWN.join(', ')}.` } };
  }
  const given = new Map(all);
  const tls = readTls(given);
  if (tls !== null && 'fault' in tls) return tls;
  const passedOn = new URLSearchParams(all.filter(([name]) => name === 'application_name' || name === 'options'));
  const written = passedOn.toString().replaceAll('+', '%20');
  return { tls, socket: given.get('host') ?? null, passedOn: written === '' ? '' : `?${written}` };
}

const UNDECIDED = {
  message: 'This sslmode leaves open whether the connection is encrypted.',
  remedy: 'Write sslmode=verify-full (or require, which encrypts without looking whose server it is), or disable.',
};

function readTls(given: ReadonlyMap<string, string>): UrlTls | { readonly fault: UrlFault } | null {
  const written = given.get('sslmode');
  const file = (name: string) => given.get(name) || null;
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  if (written === undefined) {
    if (ca === null && cert === null && key === null) return null;
    const message = 'This address names files for TLS, and no sslmode.';
    return { fault: { message, remedy: 'Add sslmode=verify-full.' } };
  }
  if (written === 'prefer' || written === 'allow') return { fault: UNDECIDED };
  const mode = TLS_MODES.find((known) => known === written);
  if (mode === undefined) {
    return { fault: { message: 'There is no such sslmode.', remedy: `Known here: ${TLS_MODES.join(', ')}.` } };
  }
  const forEverybody = ca === 'system' || (mode === 'verify-ca' && ca === null);
  if (forEverybody && mode !== 'verify-full' && mode !== 'disable') {
    const message =
      'With authorities that sign for everybody, this sslmode would take any server that they signed for.';
    return {
      fault: { message, remedy: 'Write sslmode=verify-full, or name your own authorities with sslrootcert=FILE.' },
    };
  }
  return { mode, ca, cert, key };
}
