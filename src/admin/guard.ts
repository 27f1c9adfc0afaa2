/**
 * Who may ask. With a token: whoever has it. Without one the listener is on loopback, and a browser on this machine is
 * the way in that is left: a foreign site can point its own name at 127.0.0.1 (DNS rebinding) or send a form here. Both
 * show in the headers; a request from a page with another content type than a form's is asked for beforehand, in vain.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Secret } from '../core/secret.ts';
import { type AdminErrorCode, fail } from './errors.ts';

export interface GuardParts {
  /** The address it listens on. */
  readonly host: string;
  readonly token: Secret | null;
}

export function guard(parts: GuardParts): Middleware {
  return async (context, next) => {
    const objection = parts.token === null ? objectTo(context.headers, parts.host) : null;
    if (objection !== null) return fail(context, objection);
    if (parts.token !== null && !bears(context.get('authorization'), parts.token)) return fail(context, 'unauthorized');
    await next();
  };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function objectTo(
  { host = '', origin }: { readonly host?: string | undefined; readonly origin?: string | undefined },
  bound: string,
): AdminErrorCode | null {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  const own = (bound.includes(':') ? `[${bound}]` : bound).toLowerCase();
  if (name !== own && !LOOPBACK.test(name)) return 'wrong-host';
  return origin === undefined || origin === `http://${host}` ? null : 'foreign-origin';
}

/** The digests are compared, in constant time: neither content nor length of the token shows in how long it takes. */
function bears(authorization: string, token: Secret): boolean {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token.reveal(), 'buffer'));
}
