/** Where a journal is, as the config says it. */
import type { ConnectionOptions } from 'node:tls';
import type { Secret } from '../core/secret.ts';

export type JournalSettings = SqliteSettings | PostgresSettings;

export interface SqliteSettings {
  readonly kind: 'sqlite';
  readonly path: string;
}

export interface PostgresSettings {
  readonly kind: 'postgres';
  /** With user and password; never with anything about TLS, which `tls` alone decides. */
  readonly url: Secret;
  /** The same for people: without user, password and parameters, with the schema. One database has one of it. */
  readonly place: string;
  readonly schema: string;
  /** Connections at once, at most. */
  readonly pool: number;
  /** Null: not encrypted. */
  readonly tls: TlsSettings | null;
}

export interface TlsSettings {
  /** PEM; null: the authorities that come with Node. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: Secret | null;
  /** False: any certificate is accepted. */
  readonly verify: boolean;
  /** True: a certificate that is good may name another host (libpq's `verify-ca`). */
  readonly anyHost?: boolean;
}

/** As people are told about it: no secrets. */
export function placeOf(settings: JournalSettings): string {
  return settings.kind === 'sqlite' ? settings.path : settings.place;
}

/** What `pg` takes as `ssl`. */
export function tlsOptions(tls: TlsSettings | null): ConnectionOptions | false {
  if (tls === null) return false;
  const { ca, cert, key, verify, anyHost } = tls;
  return {
    rejectUnauthorized: verify,
    ...(ca !== null && { ca }),
    ...(cert !== null && { cert }),
    ...(key !== null && { key: key.reveal() }),
    ...(anyHost === true && { checkServerIdentity: () => undefined }),
  };
}

/** Equal for equal settings. Holds secrets: for comparing alone. */
export function comparable(settings: JournalSettings): string {
  if (settings.kind === 'sqlite') return settings.path;
  const { url, place, schema, pool, tls } = settings;
  return JSON.stringify([url.reveal(), place, schema, pool, tls, tls?.key?.reveal()]);
}
