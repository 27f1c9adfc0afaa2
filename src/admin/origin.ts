/** Where a request comes from, as the browser that sent it says. What is no browser says nothing of it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { AdminErrorCode } from './errors.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * For a listener without a token: a foreign site can point its own name at 127.0.0.1 (DNS rebinding), which shows in
 * the Host, or ask for something from its own page. `bound`: the address listened on.
 */
export function objectionWithoutToken(headers: IncomingHttpHeaders, bound: string): AdminErrorCode | null {
  const { host = '', origin } = headers;
  const name = host.replace(/:\d*$/, '').toLowerCase();
  const own = (bound.includes(':') ? `[${bound}]` : bound).toLowerCase();
  if (name !== own && !LOOPBACK.test(name)) return 'wrong-host';
  return origin === undefined || origin === `http://${host}` ? null : 'foreign-origin';
}

/** Whether a page of another address asked for it, other than by a link to here. */
export function fromElsewhere(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate';
}

/**
 * Whether a page that this listener served asked for it. Browsers say so themselves; where they do not, for want of TLS,
 * the origin has the name that was asked for.
 */
export function fromOwnPage({ host = '', origin, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const address = origin === undefined ? null : URL.parse(origin);
  return address !== null && address.host !== '' && address.host === host.toLowerCase();
}
