/** HTTP servers, as far as they are all alike. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { RelayError } from './errors.ts';

/**
 * Gives `createServer` of node:http without an ESM import of the module, which evaluates every export: one of them is
 * Node's WebSocket, and with it come an undici of Node's own, 40 ms of each start and 15 MiB.
 */
export const { createServer } = process.getBuiltinModule('node:http');

const TROUBLE = {
  public: { used: 'port-in-use', forbidden: 'port-forbidden', other: 'cannot-listen' },
  admin: { used: 'admin-port-in-use', forbidden: 'admin-port-forbidden', other: 'admin-cannot-listen' },
} as const;

/** @throws RelayError where it cannot: which one depends on `listener`. */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  listener: keyof typeof TROUBLE,
): Promise<void> {
  const trouble = TROUBLE[listener];
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const where = `${host}:${port}`;
    if (code === 'EADDRINUSE') throw new RelayError(trouble.used, where);
    if (code === 'EACCES') throw new RelayError(trouble.forbidden, where);
    throw new RelayError(trouble.other, `${where} (${code})`);
  }
}
