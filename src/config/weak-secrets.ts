/** Secrets that can be guessed. Warnings: they work. Never shows any of one. */
import type { Problem } from '../core/problem.ts';
import type { Secret } from '../core/secret.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { SOURCE_TYPES } from '../sources/registry.ts';
import { isLoopback } from './admin.ts';
import type { WrittenConfig } from './schema.ts';

/** Of random letters and digits, so many cannot be tried out. */
const LEAST_LENGTH = 16;
const LEAST_CHARACTERS = 6;

/** What people write until they have a secret: these words, and no others. */
const WORDS =
  'your|my|the|this|is|change|me|replace|fixme|todo|insert|here|please|example|sample|dummy|foo|bar|test|testing|dev|default|' +
  'secret|passw(?:or)?d|token|key|webhook|signing|admin|root|user|relay|alo|allo|github|slack|letmein|qwerty|abc|xxx';
const PLACEHOLDER = new RegExp(`^(?:${WORDS})+$`);
/** Anything longer is no placeholder, and would be much to try. */
const LONGEST_PLACEHOLDER = 64;

export function weakSecrets({ admin, sources }: WrittenConfig, document: SourceDocument): Problem[] {
  const tokens = (['token', 'read_only_token'] as const).map((key) => {
    const doubt = isPlaceholder(admin[key]) ? GUESSED : isLoopback(admin.host) ? null : shortToken(admin, key);
    return weak(['admin', key], doubt, document);
  });
  const secrets = Object.entries(sources).flatMap(([name, { type, secrets }]) =>
    secrets.map((secret, index) => {
      const { secretFault, canSign } = SOURCE_TYPES[type];
      const shared = secretFault(secret.reveal()) === null && canSign(secret.reveal());
      const doubt = shared ? (isPlaceholder(secret) ? GUESSED : shortSecret(secret)) : null;
      return weak(['sources', name, 'secrets', index], doubt, document);
    }),
  );
  return [...tokens, ...secrets].flat();
}

const GUESSED = 'This secret is one of the first that anybody tries.';

function weak(path: Path, doubt: string | null, document: SourceDocument): Problem[] {
  if (doubt === null) return [];
  const remedy =
    path[0] === 'admin'
      ? 'Use a random one: `openssl rand -hex 32` prints one.'
      : 'Set a random one on both sides: `openssl rand -hex 32` prints one.';
  return [{ ...document.place(path), severity: 'warning', code: 'weak-secret', message: doubt, remedy }];
}

function shortToken({ host, ...admin }: WrittenConfig['admin'], key: 'token' | 'read_only_token'): string | null {
  const { length } = admin[key]?.reveal() ?? '';
  if (length === 0 || length >= LEAST_LENGTH) return null;
  return `admin.${key} has fewer than ${LEAST_LENGTH} characters, and ${host} can be reached from other machines.`;
}

function shortSecret(secret: Secret): string | null {
  if (secret.reveal().length >= LEAST_LENGTH) return null;
  return `The secret has fewer than ${LEAST_LENGTH} characters: whoever sees one webhook can find it out by trying.`;
}

function isPlaceholder(secret: Secret | undefined): boolean {
  const text = (secret?.reveal() ?? '').replace(/^whsec_/, '').toLowerCase();
  if (text === '' || text.length > LONGEST_PLACEHOLDER) return false;
  return PLACEHOLDER.test(text.replaceAll(/[^a-z]/g, '')) || new Set(text).size < LEAST_CHARACTERS;
}
