/**
 * Connections at once, bounded. Near the bound those that have not sent a whole request yet make room, the oldest first:
 * a stranger who opens connections and is silent keeps nobody out, and neither a sender nor a health check waits.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Kept free for who comes next. */
const SPARE = 16;

export function boundConnections(server: Server, most: number): void {
  server.maxConnections = most;
  const room = Math.max(1, most - SPARE);
  let open = 0;
  /** In the order in which they came. */
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    open += 1;
    silent.add(socket);
    // A socket remembers its peer's address only if it was asked for it while it was open; the log asks when it is closed.
    void socket.remoteAddress;
    socket.once('close', () => {
      open -= 1;
      silent.delete(socket);
    });
    const [oldest] = silent;
    if (open > room && oldest !== undefined) oldest.destroy();
  });
  server.on('request', ({ socket }) => silent.delete(socket));
}
