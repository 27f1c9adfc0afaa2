/**
 * Values as people write them in YAML. Numbers and booleans may come as text, because `${NAME}` always gives text.
 * No message repeats the value: a secret that stands in the wrong place must not be shown.
 */

import { z } from 'zod';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/clock.ts';
import { Secret } from '../core/secret.ts';
import { asWritten, VARIABLE } from './json-schema.ts';

const DURATION_HELP = 'A duration is a number with a unit: 500ms, 10s, 15m, 24h, 30d.';
const SIZE_HELP = 'A size is a number with a unit: 512b, 256kb, 1mb.';

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/;

/** `500ms`, `10s`, `15m`, `24h`, `30d`: milliseconds. */
export const durationMs = asWritten(
  z.union([z.string(), z.number()], { error: DURATION_HELP }).transform((written, context) => {
    const [, amount, unit = ''] = DURATION.exec(String(written).trim()) ?? [];
    const factor = UNITS_MS[unit];
    if (amount !== undefined && factor !== undefined) return Number(amount) * factor;
    context.addIssue(DURATION_HELP);
    return z.NEVER;
  }),
  { type: 'string', pattern: `${DURATION.source}|${VARIABLE}` },
);

const UNITS_BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2 };

const SIZE = /^(\d+(?:\.\d+)?)\s*([bB]|[kK][bB]|[mM][bB])$/;

/** `512b`, `256kb`, `1mb`: bytes. */
export const sizeBytes = asWritten(
  z.union([z.string(), z.number()], { error: SIZE_HELP }).transform((written, context) => {
    const [, amount, unit = ''] = SIZE.exec(String(written).trim()) ?? [];
    const factor = UNITS_BYTES[unit.toLowerCase()];
    if (amount !== undefined && factor !== undefined) return Math.floor(Number(amount) * factor);
    context.addIssue(SIZE_HELP);
    return z.NEVER;
  }),
  { type: 'string', pattern: `${SIZE.source}|${VARIABLE}` },
);

interface NumberOptions {
  readonly integer?: boolean;
  /** What is needed, instead of the bounds alone. */
  readonly help?: string;
}

/** A number between two bounds, both included. */
export function number(low: number, high: number, { integer = false, ...options }: NumberOptions = {}) {
  const help = options.help ?? `${integer ? 'A whole number' : 'A number'} from ${low} to ${high} is needed.`;
  const schema = z.union([z.number(), z.string()], { error: help }).transform((written, context) => {
    const value = typeof written === 'number' ? written : Number(written.trim() === '' ? Number.NaN : written);
    if (value >= low && value <= high && (!integer || Number.isInteger(value))) return value;
    context.addIssue(help);
    return z.NEVER;
  });
  const bounds = { type: integer ? 'integer' : 'number', minimum: low, maximum: high };
  return asWritten(schema, { anyOf: [bounds, { type: 'string', pattern: `^\\s*[0-9.]+\\s*$|${VARIABLE}` }] });
}

export const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: 'true or false is needed.' })
  .transform((written) => written === true || written === 'true');

/** What is needed, told where it is something else. */
type Help = string | ((issue: { readonly input?: unknown }) => string);

/** Text that is not empty. `help`: what is needed, told where there is none. */
export function filled(help: Help, emptyHelp = help) {
  const schema = z.string({ error: help }).refine((written) => written.trim() !== '', { error: emptyHelp });
  return asWritten(schema, { type: 'string', minLength: 1 });
}

const CEL_HELP = 'An expression (CEL) is needed, such as event.topic == "action_created".';

/** CEL, not compiled yet. */
export const expression = filled(({ input }) => {
  if (Array.isArray(input)) return `A list is not an expression: put all of it in single quotes. ${CEL_HELP}`;
  return typeof input === 'boolean' ? `Put it in quotes: "${input}".` : CEL_HELP;
}, CEL_HELP);

export const text = filled('Text is needed.', 'It must not be empty.');

/** Text that no log, error or answer ever shows. White space around it comes from pasting. */
export const secret = z.string({ error: 'Text is needed.' }).transform((written) => new Secret(written.trim()));

/** One or several of something, always read as a list. `help`: what is needed, told where it is neither. */
export function oneOrMany<T>(schema: z.ZodType<T>, help?: string) {
  const several = z.array(schema).min(1, 'At least one is needed.');
  return z.union([schema.transform((one) => [one]), several], help);
}
