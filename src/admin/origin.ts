/** Where a request comes from, as the browser that sent it says. What is no browser says nothing of it. */
import type { IncomingHttpHeaders } from 'node:http';

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
