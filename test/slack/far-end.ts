/** What stands at the other end of the wire in these tests: a real server on loopback that answers as told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FarEnd {
  /** Where the Slack methods are. */
  readonly url: string;
  /** Every request that arrived whole, in order. */
  readonly calls: Call[];
}

export type Answerer = (call: Call, response: ServerResponse, socket: Socket) => void;

/** Closed when the test has ended. */
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { url: `http://127.0.0.1:${port}/api/`, calls };
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Answerer {
  return text(JSON.stringify(value), status, { 'content-type': 'application/json; charset=utf-8', ...headers });
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Answerer {
  return (_, response) => response.writeHead(status, headers).end(body);
}
