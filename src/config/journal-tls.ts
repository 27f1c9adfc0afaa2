/** How the connection to the journal's database is encrypted, by the keys of `journal.tls` or by its address's sslmode. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Problem } from '../core/problem.ts';
import { Secret } from '../core/secret.ts';
import type { TlsSettings } from '../journal/settings.ts';
import type { WrittenDatabase } from '../journal/settings-schema.ts';
import type { UrlTls } from '../journal/url-parameters.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { written } from '../language/schema.ts';

export interface WrittenTls {
  readonly ofKeys: WrittenDatabase['tls'];
  readonly ofAddress: UrlTls | null;
  /** Where that stands. */
  readonly address: Path;
}

export interface BuiltTls {
  /** Null: not encrypted. */
  readonly settings: TlsSettings | null;
  readonly problems: readonly Problem[];
}

type Fault = Pick<Problem, 'message'> & Required<Pick<Problem, 'remedy'>>;

/** `folder`: what paths are relative to. */
export async function buildTls(said: WrittenTls, document: SourceDocument, folder: string): Promise<BuiltTls> {
  const base: Path = said.ofKeys === undefined ? said.address : ['journal', 'tls'];
  const failed = (problems: readonly (Fault & { readonly path: Path })[]): BuiltTls => ({
    settings: null,
    problems: problems.map(({ path, ...fault }) => ({ ...document.place(path), code: 'bad-tls', ...fault })),
  });
  if (said.ofKeys !== undefined && said.ofAddress !== null) return failed([{ path: base, ...SAID_TWICE }]);
  const wanted = said.ofKeys === undefined ? wantedByAddress(said) : wantedByKeys(said.ofKeys);
  if (wanted === null) return { settings: null, problems: [] };
  const fault = contradiction(wanted);
  if (fault !== null) return failed([{ path: base, ...fault }]);
  const { files, verify, anyHost } = wanted;
  const [ca, cert, key] = await Promise.all([
    readPem(files.ca, CERTIFICATE, folder),
    readPem(files.cert, CERTIFICATE, folder),
    readPem(files.key, PRIVATE_KEY, folder),
  ]);
  if ('path' in ca || 'path' in cert || 'path' in key) {
    return failed([ca, cert, key].filter((read) => 'path' in read));
  }
  const mismatch = await mismatchOf(cert.text, key.text);
  if (mismatch !== null) return failed([{ path: base, ...mismatch }]);
  const secretKey = key.text === null ? null : new Secret(key.text);
  const settings = { ca: ca.text, cert: cert.text, key: secretKey, verify, ...(anyHost && { anyHost }) };
  return { settings, problems: [] };
}

interface NamedFile {
  readonly name: string;
  /** Where the name stands, and what it is the file of. */
  readonly path: Path;
  readonly as: string;
}

interface Wanted {
  readonly files: Readonly<Record<'ca' | 'cert' | 'key', NamedFile | null>>;
  readonly verify: boolean;
  readonly anyHost: boolean;
}

function wantedByKeys({ verify, ...names }: NonNullable<WrittenDatabase['tls']>): Wanted {
  const file = (key: 'ca' | 'cert' | 'key'): NamedFile | null => {
    const name = names[key];
    const path = ['journal', 'tls', key];
    return name === undefined ? null : { name, path, as: written(path) };
  };
  return { files: { ca: file('ca'), cert: file('cert'), key: file('key') }, verify, anyHost: false };
}

/** As libpq does it: `require` with authorities of one's own is `verify-ca`. */
function wantedByAddress({ ofAddress: said, address: path }: WrittenTls): Wanted | null {
  if (said === null || said.mode === 'disable') return null;
  const file = (name: string | null, as: string): NamedFile | null => (name === null ? null : { name, path, as });
  const ca = said.ca === 'system' ? null : said.ca;
  const anyHost = said.mode === 'verify-ca' || (said.mode === 'require' && ca !== null);
  return {
    files: { ca: file(ca, 'sslrootcert'), cert: file(said.cert, 'sslcert'), key: file(said.key, 'sslkey') },
    verify: anyHost || said.mode === 'verify-full',
    anyHost,
  };
}

const SAID_TWICE: Fault = {
  message: 'How to encrypt is said here and by the sslmode of the address.',
  remedy: 'Leave one of them out.',
};

function contradiction({ files: { ca, cert, key }, verify }: Wanted): Fault | null {
  if (!verify && ca !== null) {
    const message = 'Authorities are named, and the server is not to be verified.';
    return { message, remedy: 'Leave one of them out.' };
  }
  if ((cert === null) === (key === null)) return null;
  const message = `A ${cert === null ? 'key' : 'certificate'} is named without its ${cert === null ? 'certificate' : 'key'}.`;
  return { message, remedy: 'Name both, or none.' };
}

interface PemKind {
  readonly what: string;
  readonly begins: RegExp;
}

const CERTIFICATE: PemKind = { what: 'a certificate', begins: /-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/ };
const PRIVATE_KEY: PemKind = { what: 'a private key', begins: /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/ };

/** The names are not repeated: they may come from the environment. */
async function readPem(
  file: NamedFile | null,
  { what, begins }: PemKind,
  folder: string,
): Promise<{ readonly text: string | null } | (Fault & { readonly path: Path })> {
  if (file === null) return { text: null };
  const { name, path, as } = file;
  try {
    const text = await readFile(resolve(folder, name), 'utf8');
    if (begins.test(text)) return { text };
    return { path, message: `${as}: this file does not hold ${what}.`, remedy: 'A PEM file is needed.' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : `this file cannot be read (${code})`;
    return { path, message: `${as}: ${why}.`, remedy: 'Paths are relative to the folder of this config.' };
  }
}

/** OpenSSL is asked: its codes name no content. */
async function mismatchOf(cert: string | null, key: string | null): Promise<Fault | null> {
  if (cert === null || key === null) return null;
  const { createSecureContext } = await import('node:tls');
  try {
    createSecureContext({ cert, key });
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const message = `The certificate and its key cannot be used together (${code}).`;
    return { message, remedy: 'Name the key that belongs to the certificate, without a passphrase.' };
  }
}
