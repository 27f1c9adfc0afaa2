/** Who sent a request, as far as that can be known: for the log and the audit. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** `trusts`: whether an address is a proxy whose X-Forwarded-For is believed. */
export function clientAddress(request: IncomingMessage, trusts: (address: string) => boolean): string {
  const address = proxyAddr(request, trusts);
  // A proxy passes on what it was given; only an address may reach the log.
  return isIP(address) === 0 ? (request.socket.remoteAddress ?? 'unknown') : address;
}
