/** Whose request it is: for the audit. The guard (guard.ts) knows the role; the rest is what the client says of itself. */
import type { Context } from 'koa';
import type { Actor } from '../core/actor.ts';
import { clientAddress } from '../core/client-address.ts';
import { fromOwnPage } from './origin.ts';

/** `trusts`: whether an address is a proxy whose X-Forwarded-For is believed. */
export function actorOf(context: Context, trusts: (address: string) => boolean): Actor {
  return { role: context.state.role, via: viaOf(context), address: clientAddress(context.req, trusts) };
}

function viaOf({ headers }: Context): Actor['via'] {
  if (fromOwnPage(headers)) return 'dashboard';
  return /^alo-relay\//.test(headers['user-agent'] ?? '') ? 'command' : 'api';
}
