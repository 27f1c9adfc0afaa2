/** Why a database cannot be reached, and what to do. Tells codes alone: what an error says may name what is secret. */
import type { JournalErrorCode } from '../journal/errors.ts';
import { poolerRefusal } from '../journal/postgres/explain.ts';
import type { PostgresSettings } from '../journal/settings.ts';
import { type Finding, problem } from './finding.ts';

type Fault = readonly [code: string, what: string, remedy: string];

const UNREACHABLE: Fault = [
  'journal-unreachable',
  'cannot be reached',
  'Check that Postgres runs, host and port in `journal:`, and what stands between: firewall, security group, network.',
];
const CERTIFICATE: Fault = [
  'journal-tls',
  'shows a certificate that is not trusted',
  "Name the authority that signed it: tls: { ca: ./ca.pem }, or sslrootcert in the address. Hosted databases' documentation has the file.",
];
const CREDENTIALS: Fault = [
  'journal-credentials',
  'refuses this user or password',
  'Check user and password in `journal:`, and that special characters in them are percent-encoded (/ is %2F, @ is %40).',
];

const PARAMETERS: Fault = [
  'journal-parameters',
  'is behind a pooler that refuses a parameter of its address',
  'Remove `options` from the address, or list the parameter under `ignore_startup_parameters` in pgbouncer.ini.',
];

/** By the code of Postgres, of the network or of OpenSSL. */
const FAULTS: Readonly<Record<string, Fault>> = {
  '28P01': CREDENTIALS,
  '28000': CREDENTIALS,
  '3D000': ['journal-database', 'is not there: the server has no such database', 'Create it, or name another one.'],
  '42501': ['journal-permission', 'may not be used by this user', 'Grant it: GRANT CONNECT ON DATABASE … TO ….'],
  '53300': [
    'journal-connections',
    'has no connection free',
    'Raise its max_connections, or lower journal.pool: instances × pool has to fit.',
  ],
  '57P03': ['journal-unreachable', 'is not ready yet: it is starting or stopping', 'Try again in a moment.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'journal-tls',
    'shows a certificate of another host',
    'Write the host as its certificate names it, or sslmode=verify-ca with sslrootcert.',
  ],
  CERT_HAS_EXPIRED: ['journal-tls', 'shows a certificate that has expired', 'Renew it on the server.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
};

/** By what `pg` says of its own, which has no code. */
const SAID: readonly (readonly [RegExp, Fault])[] = [
  [/does not support SSL/, ['journal-tls', 'does not encrypt', 'Turn ssl on in the server, or write sslmode=disable.']],
  [
    /password must be/,
    ['journal-credentials', 'asks for a password, and there is none', 'Add it: user:password@host.'],
  ],
  [/timeout/i, ['journal-unreachable', 'does not answer in time', UNREACHABLE[2]]],
  [/terminated/i, ['journal-unreachable', 'ends the connection', UNREACHABLE[2]]],
];

/** What a failed connection means. */
export function connectFinding(error: unknown, { place, tls }: PostgresSettings): Finding {
  const code = codeOf(error);
  const said = error instanceof Error ? error.message : '';
  const refusal = code === null ? null : poolerRefusal(code, said);
  const known =
    code === null ? SAID.find(([pattern]) => pattern.test(said))?.[1] : (byRefusal(refusal) ?? FAULTS[code]);
  const [finding, what, remedy] = known ?? (isOfNetwork(error) ? UNREACHABLE : OTHER);
  const plain = code === '28000' && tls === null;
  const encrypt = plain ? ' If it takes encrypted connections alone, add sslmode=verify-full to the address.' : '';
  return problem(finding, `${place} ${what}${code === null ? '' : ` (${code})`}.`, `${remedy}${encrypt}`);
}

/** A pooler says in words what Postgres says by a code. */
function byRefusal(code: JournalErrorCode | null): Fault | undefined {
  if (code === 'journal-parameters') return PARAMETERS;
  if (code === 'journal-credentials') return CREDENTIALS;
  return code === 'journal-database' ? FAULTS['3D000'] : undefined;
}

const OTHER: Fault = [
  'journal-failed',
  'does not answer as Postgres does',
  'Check that host and port in `journal:` are those of Postgres, and see its log.',
];

export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function isOfNetwork(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
