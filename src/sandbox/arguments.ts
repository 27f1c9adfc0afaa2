/** A method's arguments, form-encoded or JSON: `@slack/web-api` sends forms in which objects are JSON strings. */
import { parse as parseForm } from 'node:querystring';
import { Refusal } from './refusal.ts';

export type Arguments = Readonly<Record<string, unknown>>;

/** Throws `invalid_json`, `json_not_object`. */
export function parseArguments(body: string, contentType: string | undefined): Arguments {
  if (!contentType?.startsWith('application/json')) return parseForm(body);
  const value = parseJson(body, 'invalid_json');
  if (!isRecord(value)) throw new Refusal('json_not_object');
  return value;
}

/** A non-empty string (a number counts), or undefined. */
export function text(args: Arguments, name: string): string | undefined {
  const value = args[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Like `text`, but throws `code` where there is none. */
export function required(args: Arguments, name: string, code = 'invalid_arguments'): string {
  const value = text(args, name);
  if (value === undefined) throw new Refusal(code, [`[ERROR] missing required field: ${name}`]);
  return value;
}

export function flag(args: Arguments, name: string): boolean {
  const value = args[name];
  return value === true || value === 'true' || value === '1' || value === 1;
}

/** An object or list, given as such or as a JSON string; undefined when absent. Throws `code`. */
export function structure(args: Arguments, name: string, code: string): unknown {
  const value = args[name];
  return typeof value === 'string' ? (value === '' ? undefined : parseJson(value, code)) : value;
}

/** From 1 to `max`; throws `invalid_limit`. */
export function limit(args: Arguments, standard: number, max: number): number {
  const value = text(args, 'limit');
  if (value === undefined) return standard;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Refusal('invalid_limit');
  return Math.min(number, max);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(json: string, code: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Refusal(code);
  }
}
