/** The cookie that a session's id is in. */
import type { IncomingMessage } from 'node:http';

const NAME = 'alo-relay-session';
/** Browsers take it with TLS only, and for this host alone: no neighbour under the same domain can plant one. */
const SECURE_NAME = `__Host-${NAME}`;

/** Null where there is none. */
export function sessionIdIn(request: IncomingMessage): string | null {
  const wanted = overTls(request) ? SECURE_NAME : NAME;
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, ...value] = pair.trim().split('=');
    if (name === wanted) return value.join('=');
  }
  return null;
}

/** For `Set-Cookie`; null ends it. No script can read it, and no other site's page makes a browser send it. */
export function sessionCookie(request: IncomingMessage, id: string | null): string {
  const secure = overTls(request);
  const parts = [`${secure ? SECURE_NAME : NAME}=${id ?? ''}`, 'Path=/', 'HttpOnly', 'SameSite=Strict'];
  if (secure) parts.push('Secure');
  if (id === null) parts.push('Max-Age=0');
  return parts.join('; ');
}

/** As whoever ends TLS before us says. To say so falsely takes a request of one's own. */
function overTls({ headers }: IncomingMessage): boolean {
  const [proto = ''] = [headers['x-forwarded-proto']].flat();
  return proto.split(',')[0]?.trim().toLowerCase() === 'https';
}
