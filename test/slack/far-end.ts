/** What stands at the other end of the wire in these tests: a real server on loopback that answers as told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FarEnd {
  /** Where the Slack methods are. */
  readonly url: string;
  readonly port: number;
  /** Every request that arrived whole, in order. */
  readonly calls: Call[];
  close(): Promise<void>;
}

export type Answerer = (call: Call, response: ServerResponse, socket: Socket) => void;

export async function farEnd(answer: Answerer): Promise<FarEnd> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      const call = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      calls.push(call);
      answer(call, response, socket);
    });
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}/api/`,
    port,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A port that was just free: nothing listens there. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Answerer {
  return text(JSON.stringify(value), status, { 'content-type': 'application/json; charset=utf-8', ...headers });
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Answerer {
  return (_, response) => response.writeHead(status, headers).end(body);
}

async function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
