/** Names and sets the cookie that holds a session's id. `context.secure` is what the proxy that ends TLS says. */
import type { Context } from 'koa';

const NAME = 'alo-relay-session';

/** Browsers take a `__Host-` cookie with TLS only, and for this host alone: no neighbour under the same domain can plant one. */
const nameFor = ({ secure }: Context): string => (secure ? `__Host-${NAME}` : NAME);

export function sessionIdIn(context: Context): string | null {
  return context.cookies.get(nameFor(context)) ?? null;
}

/** Null ends it. No script can read it, and no other site's page makes a browser send it. */
export function setSessionCookie(context: Context, id: string | null): void {
  context.cookies.set(nameFor(context), id, { httpOnly: true, sameSite: 'strict' });
}
