import type { AdminSettings } from '../config/config.ts';

/** Where this machine reaches the admin listener. */
export function adminUrl({ host, port }: Pick<AdminSettings, 'host' | 'port'>): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
