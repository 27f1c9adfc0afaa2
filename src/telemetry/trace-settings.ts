/**
 * Whether there are traces, which, and where they go: the config first, then the environment, as the OpenTelemetry
 * specification names its variables. What else it has (OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _CERTIFICATE,
 * OTEL_RESOURCE_ATTRIBUTES …) the exporter reads by itself.
 */
import type { Secret } from '../core/secret.ts';

export interface TraceSettings {
  /** Where spans are posted. */
  readonly url: string;
  readonly headers: ReadonlyMap<string, Secret>;
  readonly serviceName: string;
  readonly sampling: Sampling;
}

export interface Sampling {
  /** From 0 to 1: of the traces that begin here. */
  readonly ratio: number;
  /** A trace that was begun elsewhere is taken where it was taken there. */
  readonly parentBased: boolean;
}

/** As the config has it. */
export interface OtlpSettings {
  /** Of the collector; `/v1/traces` is appended. */
  readonly endpoint: string;
  readonly headers: ReadonlyMap<string, Secret>;
}

type Variables = Readonly<Record<string, string | undefined>>;

const PATH = 'v1/traces';
const SERVICE_NAME = 'alo-relay';

/** Null: nothing is traced. `complain` is told of variables that cannot be used; then they count as not set. */
export function traceSettings(
  otlp: OtlpSettings | null,
  variables: Variables,
  complain: (variable: string) => void,
): TraceSettings | null {
  const read = (name: string): string | null => variables[name]?.trim() || null;
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return null;
  if (otlp === null && read('OTEL_TRACES_EXPORTER')?.toLowerCase() === 'none') return null;
  const url = otlp === null ? urlFrom(read, complain) : under(otlp.endpoint);
  if (url === null) return null;
  return {
    url,
    headers: otlp?.headers ?? new Map(),
    serviceName: read('OTEL_SERVICE_NAME') ?? SERVICE_NAME,
    sampling: samplingFrom(read, complain),
  };
}

type Read = (name: string) => string | null;
type Complain = (variable: string) => void;

/** The variable for traces is the whole address, the one for everything is what comes before the signal's path. */
function urlFrom(read: Read, complain: Complain): string | null {
  const whole = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  if (whole !== null && isHttp(whole)) return whole;
  if (whole !== null) complain('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const base = read('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (base === null) return null;
  if (isHttp(base)) return under(base);
  complain('OTEL_EXPORTER_OTLP_ENDPOINT');
  return null;
}

function under(base: string): string {
  return `${base.replace(/\/+$/, '')}/${PATH}`;
}

function isHttp(url: string): boolean {
  return /^https?:$/.test(URL.parse(url)?.protocol ?? '');
}

/** By name: whether the ratio is asked for, and the one that the name stands for otherwise. */
const SAMPLERS: Readonly<Record<string, { readonly parentBased: boolean; readonly ratio: number | null }>> = {
  always_on: { parentBased: false, ratio: 1 },
  always_off: { parentBased: false, ratio: 0 },
  traceidratio: { parentBased: false, ratio: null },
  parentbased_always_on: { parentBased: true, ratio: 1 },
  parentbased_always_off: { parentBased: true, ratio: 0 },
  parentbased_traceidratio: { parentBased: true, ratio: null },
};

/** Without OTEL_TRACES_SAMPLER, a ratio in OTEL_TRACES_SAMPLER_ARG is enough to say what is meant. */
function samplingFrom(read: Read, complain: Complain): Sampling {
  const name = read('OTEL_TRACES_SAMPLER') ?? 'parentbased_traceidratio';
  const sampler = SAMPLERS[name.toLowerCase()];
  if (sampler === undefined) complain('OTEL_TRACES_SAMPLER');
  const { parentBased, ratio } = sampler ?? { parentBased: true, ratio: 1 };
  return { parentBased, ratio: ratio ?? ratioFrom(read('OTEL_TRACES_SAMPLER_ARG'), complain) };
}

function ratioFrom(written: string | null, complain: Complain): number {
  const ratio = written === null ? 1 : Number(written);
  if (ratio >= 0 && ratio <= 1) return ratio;
  complain('OTEL_TRACES_SAMPLER_ARG');
  return 1;
}
