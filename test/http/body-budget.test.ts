import { EventEmitter, once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { BodyBudget, type BodyLimits } from '../../src/http/body-budget.ts';
import { ManualClock } from '../helpers/clock.ts';
import { until } from '../helpers/until.ts';

const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that reads each body through one budget, and requests to it that are sent piece by piece. */
async function reading(limits: BodyLimits) {
  const clock = new ManualClock();
  const budget = new BodyBudget(() => limits, clock);
  const results = new EventEmitter().setMaxListeners(100);
  const arrived: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const name = request.url ?? '';
    request.on('data', () => arrived.push(name));
    void budget.read(request).then((body) => {
      results.emit(name, typeof body === 'string' ? body : body.length);
      response.end();
    });
  });
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    budget,
    clock,
    begin(name: string, headers: Record<string, string | number> = {}) {
      const client = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: name, headers });
      client.on('error', () => {});
      client.flushHeaders();
      const ended = once(results, name).then(([result]) => result);
      const send = async (bytes: number) => {
        const before = arrived.length;
        client.write(Buffer.alloc(bytes, 'x'));
        await until(() => arrived.length > before);
      };
      return { client, ended, send };
    },
  };
}

describe('bodies that are not whole yet', () => {
  it('are held within the budget: the slowest is given up, and one that comes at once gets through', async () => {
    const { budget, clock, begin } = await reading({ bodyLimitBytes: 10_000, bodyBudgetBytes: 10_000 });
    const slow = begin('/slow');
    await slow.send(4_000);
    await clock.advance(3_000);
    const other = begin('/other');
    await other.send(4_000);
    await clock.advance(10);
    const good = begin('/good');
    good.client.end(Buffer.alloc(3_000, 'x'));
    expect(await good.ended).toBe(3_000);
    expect(await slow.ended).toBe('overloaded');
    other.client.end();
    expect(await other.ended).toBe(4_000);
    expect(budget.heldBytes).toBe(0);
  });

  it('cost nothing while nothing has come of them, whatever they announce', async () => {
    const { budget, begin } = await reading({ bodyLimitBytes: 10_000, bodyBudgetBytes: 20_000 });
    const idle = Array.from({ length: 50 }, (_, index) => begin(`/idle-${index}`, { 'content-length': 9_000 }));
    expect(budget.heldBytes).toBe(0);
    const good = begin('/good');
    good.client.end(Buffer.alloc(9_000, 'x'));
    expect(await good.ended).toBe(9_000);
    for (const { client } of idle) client.destroy();
    expect(await Promise.all(idle.map(({ ended }) => ended))).toEqual(idle.map(() => 'body-incomplete'));
  });

  it('count their chunks, too: a body sent byte by byte is held as what it costs', async () => {
    const { budget, begin } = await reading({ bodyLimitBytes: 10_000, bodyBudgetBytes: 100_000 });
    const drip = begin('/drip');
    for (let sent = 0; sent < 20; sent++) await drip.send(1);
    expect(budget.heldBytes).toBeGreaterThan(20 * 200);
    drip.client.destroy();
    expect(await drip.ended).toBe('body-incomplete');
    expect(budget.heldBytes).toBe(0);
  });

  it('are refused one by one beyond the limit of a body', async () => {
    const { budget, begin } = await reading({ bodyLimitBytes: 1_000, bodyBudgetBytes: 100_000 });
    expect(await begin('/declared', { 'content-length': 1_001 }).ended).toBe('body-too-large');
    const chunked = begin('/chunked');
    await chunked.send(1_001);
    expect(await chunked.ended).toBe('body-too-large');
    expect(budget.heldBytes).toBe(0);
  });
});
