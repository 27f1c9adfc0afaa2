/**
 * Values as people write them in YAML. Numbers and booleans may come as text, because `${NAME}` always gives text.
 * No message repeats the value: a secret that stands in the wrong place must not be shown.
 */
import { z } from 'zod';
import { Secret } from '../core/secret.ts';

const DURATION_HELP = 'A duration is a number with a unit: 500ms, 10s, 15m, 24h, 30d.';
const SIZE_HELP = 'A size is a number with a unit: 512b, 256kb, 1mb.';

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `500ms`, `10s`, `15m`, `24h`, `30d`: milliseconds. */
export const durationMs = z.union([z.string(), z.number()], { error: DURATION_HELP }).transform((written, context) => {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/.exec(String(written).trim()) ?? [];
  const factor = UNITS_MS[unit];
  if (amount !== undefined && factor !== undefined) return Number(amount) * factor;
  context.addIssue(DURATION_HELP);
  return z.NEVER;
});

const UNITS_BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2 };

/** `512b`, `256kb`, `1mb`: bytes. */
export const sizeBytes = z.union([z.string(), z.number()], { error: SIZE_HELP }).transform((written, context) => {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*(b|kb|mb)$/i.exec(String(written).trim()) ?? [];
  const factor = UNITS_BYTES[unit.toLowerCase()];
  if (amount !== undefined && factor !== undefined) return Math.floor(Number(amount) * factor);
  context.addIssue(SIZE_HELP);
  return z.NEVER;
});

/** A number between two bounds, both included. */
export function number(low: number, high: number, options: { integer?: boolean } = {}) {
  const help = `${options.integer === true ? 'A whole number' : 'A number'} from ${low} to ${high} is needed.`;
  return z.union([z.number(), z.string()], { error: help }).transform((written, context) => {
    const value = typeof written === 'number' ? written : Number(written.trim() === '' ? Number.NaN : written);
    if (value >= low && value <= high && (options.integer !== true || Number.isInteger(value))) return value;
    context.addIssue(help);
    return z.NEVER;
  });
}

export const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: 'true or false is needed.' })
  .transform((written) => written === true || written === 'true');

/** Text that is not empty. */
export const text = z
  .string({ error: 'Text is needed.' })
  .refine((written) => written.trim() !== '', { error: 'It must not be empty.' });

/** Text that no log, error or answer ever shows. White space around it comes from pasting. */
export const secret = z.string({ error: 'Text is needed.' }).transform((written) => new Secret(written.trim()));

/** One or several of something, always read as a list. `help`: what is needed, told where it is neither. */
export function oneOrMany<T>(schema: z.ZodType<T>, help?: string) {
  const several = z.array(schema).min(1, 'At least one is needed.');
  return z.union([schema.transform((one) => [one]), several], help);
}
