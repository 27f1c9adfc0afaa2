/** The configuration, checked and ready: what the app is built from. Paths are absolute. */
import type { BackoffPolicy } from '../core/backoff.ts';
import type { Secret } from '../core/secret.ts';
import type { JournalSettings } from '../journal/settings.ts';
import type { RouteSurroundings } from '../lint/route-checks.ts';
import type { Route } from '../routing/route.ts';
import type { MergeRule } from '../routing/rules.ts';
import type { Source } from '../sources/source.ts';
import type { TemplateSet } from '../templates/template.ts';
import type { Colors } from '../verbs/render.ts';
import type { Mask } from './mask.ts';

export interface Config {
  readonly file: string;
  readonly server: ServerSettings;
  readonly admin: AdminSettings;
  readonly journal: JournalSettings;
  /** How long what has ended is kept. */
  readonly retentionMs: number;
  readonly sources: readonly Source[];
  readonly slack: {
    readonly token: Secret | null;
    readonly apiUrl: string;
    readonly fallbackChannel: string | null;
    /** Where people open the dashboard, with a slash at its end; null: messages do not link to it. */
    readonly adminUrl: string | null;
  };
  readonly people: { readonly matchByEmail: boolean; readonly map: ReadonlyMap<string, string> };
  readonly colors: Colors;
  readonly delivery: DeliverySettings;
  readonly telemetry: TelemetrySettings;
  readonly templates: TemplateSet;
  /** Where they are. */
  readonly templatesFolder: string;
  readonly routes: readonly Route[];
  /** What the routes were read against. */
  readonly routeSetting: RouteSurroundings;
  /** Files that hold the values of variables. */
  readonly variableFiles: readonly string[];
  /** For what quotes the file. */
  readonly mask: Mask;
}

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Of one body. */
  readonly bodyLimitBytes: number;
  /** Of all bodies that are not whole yet. */
  readonly bodyBudgetBytes: number;
  readonly maxConnections: number;
  /** Whether the address is that of a proxy whose X-Forwarded-For is believed. */
  readonly trustsProxy: (address: string) => boolean;
}

export interface AdminSettings {
  readonly host: string;
  readonly port: number;
  /** The operator's, asked from everybody where there is one. */
  readonly token: Secret | null;
  /** Lets its holders see everything and change nothing. */
  readonly readOnlyToken: Secret | null;
}

export interface TelemetrySettings {
  /** A collector of traces; null leaves it to the environment whether there is one. */
  readonly otlp: { readonly endpoint: string; readonly headers: ReadonlyMap<string, Secret> } | null;
}

export interface DeliverySettings {
  readonly perChannel: { readonly perSecond: number; readonly burst: number };
  /** For every route that says nothing else; null: singly. */
  readonly merge: MergeRule | null;
  readonly retry: BackoffPolicy & { readonly giveUpAfterMs: number };
  readonly timeoutMs: number;
  /** Deliveries of one event at most. */
  readonly maxPerEvent: number;
  /** What to do with a message that may have arrived and is not to be found. */
  readonly unknownOutcome: 'resend' | 'hold';
}
