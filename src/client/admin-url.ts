import type { AdminSettings } from '../config/config.ts';
import { listenerUrl } from '../core/listener-url.ts';

/** Where this machine reaches the admin listener. */
export function adminUrl({ host, port }: Pick<AdminSettings, 'host' | 'port'>): string {
  return listenerUrl({ host, port });
}
