/**
 * Who may see the page and steer the sandbox: browsers that came to this very address. A foreign site can point its own
 * name at 127.0.0.1 (DNS rebinding) or send a form here; both show in the headers.
 */
import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether it comes from this machine: only then may it change anything. */
export function isLocal(remoteAddress: string | undefined): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(remoteAddress ?? '');
}

/** Null when the request may pass, else why not, for the person who sees it. */
export function objection(headers: IncomingHttpHeaders, boundHost: string): string | null {
  const host = headers.host ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const bound = boundHost.includes(':') ? `[${boundHost}]` : boundHost;
  if (![...LOOPBACK, bound.toLowerCase()].includes(name)) {
    return 'The sandbox answers under its own address only: open it as http://127.0.0.1 with its port.';
  }
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) {
    return 'The sandbox takes no requests from other sites.';
  }
  return null;
}
