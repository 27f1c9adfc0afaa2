/** A request's body of JSON. */
import type { Context } from 'koa';
import rawBody from 'raw-body';
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
