/** JSON in a request's body, and in an answer. */
import type { Context, Middleware } from 'koa';
import rawBody from 'raw-body';
import { writeJson } from '../core/json.ts';
import { fail } from './errors.ts';

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/**
 * The value is undefined for what is not JSON. Answers by itself where it gives none: for another type (a form cannot
 * send this one, so no other site can without asking first) and for what is longer than `limit` bytes.
 */
export async function readJson(context: Context, limit: number): Promise<Read> {
  if (context.request.type !== 'application/json') {
    fail(context, 'not-json');
    return { ok: false };
  }
  const length = context.req.headers['content-length'] ?? null;
  try {
    return { ok: true, value: parsed(await rawBody(context.req, { limit, length, encoding: 'utf8' })) };
  } catch {
    // Too large, or broken off: then nobody reads the answer. What is still coming is not read.
    context.set('connection', 'close');
    fail(context, 'body-too-large');
    return { ok: false };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Koa's own way of writing JSON fails for the integers of a payload that only a bigint holds. */
export const exactJson: Middleware = async (context, next) => {
  await next();
  const { body } = context;
  if (typeof body !== 'object' || body === null || Object.getPrototypeOf(body) !== Object.prototype) return;
  context.type = 'json';
  context.body = writeJson(body);
};
