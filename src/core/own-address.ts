/**
 * Tells browsers that came to a listener's own address from those that a foreign site sent: it can point its own name at
 * 127.0.0.1 (DNS rebinding), which shows in the Host, or ask for something from its own page.
 */
import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Null where the request may pass. `bound`: the address listened on. */
export function objectionTo(headers: IncomingHttpHeaders, bound: string): 'wrong-host' | 'foreign-origin' | null {
  const { host = '', origin } = headers;
  const name = host.replace(/:\d*$/, '').toLowerCase();
  const own = (bound.includes(':') ? `[${bound}]` : bound).toLowerCase();
  if (name !== own && !LOOPBACK.test(name)) return 'wrong-host';
  return origin === undefined || origin === `http://${host}` ? null : 'foreign-origin';
}
