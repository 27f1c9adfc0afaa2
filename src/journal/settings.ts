/** Where a journal is, as the config says it. */
import type { Secret } from '../core/secret.ts';

export type JournalSettings = SqliteSettings | PostgresSettings;

export interface SqliteSettings {
  readonly kind: 'sqlite';
  readonly path: string;
}

export interface PostgresSettings {
  readonly kind: 'postgres';
  /** With user and password. */
  readonly url: Secret;
  /** The same for people: without password and parameters, with the schema. */
  readonly place: string;
  readonly schema: string;
  /** Connections at once, at most. */
  readonly pool: number;
  readonly tls: TlsSettings | null;
}

export interface TlsSettings {
  /** PEM; null: the system's authorities. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: Secret | null;
  /** False: any certificate is taken. */
  readonly verify: boolean;
}

/** As people are told about it: no secrets. */
export function placeOf(settings: JournalSettings): string {
  return settings.kind === 'sqlite' ? settings.path : settings.place;
}
