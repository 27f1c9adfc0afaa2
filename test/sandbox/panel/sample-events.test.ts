import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSampleEvents } from '../../../src/commands/sample-events.ts';
import { startService } from '../../helpers/service.ts';
import { until } from '../../helpers/until.ts';

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A relay that takes everything, or answers with `status`, and the buttons that send to it. */
async function open(status = 200) {
  const service = await startService();
  onTestFinished(() => service.stop());
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(status).end(status === 200 ? '{}' : 'no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const samples = createSampleEvents({ sources: service.config.sources, url, admin: null, chapterPauseMs: 0 });
  return { samples, received, service };
}

const topicOf = ({ body }: Received): string => {
  const { type, topic } = JSON.parse(body);
  return type ?? topic;
};

describe('what the buttons send', () => {
  it('is signed so that the source takes it', async () => {
    const { samples, received, service } = await open();
    for (const source of ['alo', 'allo']) {
      const topic = samples.sources.find(({ name }) => name === source)?.topics[0] ?? '';
      expect(await samples.send({ kind: 'one', source, topic, story: 1 })).toMatchObject({
        topic,
        sent: 1,
        accepted: 1,
      });
      const { url, headers, body } = received.at(-1)!;
      expect(url).toBe(`/webhooks/${source}`);
      const verification = service.source(source).verify({ headers, body: Buffer.from(body) }, Date.now());
      expect(verification).toMatchObject({ ok: true });
    }
  });

  it('a duplicate is the same bytes under the same id; before anything was sent there is none', async () => {
    const { samples, received } = await open();
    await expect(samples.send({ kind: 'duplicate' })).rejects.toThrow('Nothing was sent yet');
    await samples.send({ kind: 'one', source: 'allo', topic: 'call.completed', story: 0 });
    await samples.send({ kind: 'duplicate' });
    const [first, second] = received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  });

  it('a story is every topic in order, a burst 200 of them, and what is out of order is older than what came before', async () => {
    const { samples, received } = await open();
    const alo = samples.sources.find(({ name }) => name === 'alo');
    await samples.send({ kind: 'story', source: 'alo', story: 0 });
    expect(received.splice(0).map(topicOf)).toEqual(alo?.topics);
    await samples.send({ kind: 'story', source: 'allo', story: 0 });
    expect(received.splice(0).map(topicOf)).not.toContain('CALL_RECEIVED');
    expect(await samples.send({ kind: 'burst', source: 'alo' })).toMatchObject({
      sent: 200,
      accepted: 200,
      trouble: null,
    });
    const burst = received.splice(0);
    expect(new Set(burst.map(({ body }) => JSON.parse(body).action.id)).size).toBe(40);
    expect(new Set(burst.map(topicOf)).size).toBe(5);
    await samples.send({ kind: 'out_of_order', source: 'alo', story: 0 });
    const [newer, older] = received.map(({ body }) => JSON.parse(body));
    expect([newer.type, older.type]).toEqual(['action_status_updated', 'action_updated']);
    expect(Date.parse(newer.timestamp) - Date.parse(older.timestamp)).toBeGreaterThan(50_000);
  });

  it('says what was refused, and what makes no sense', async () => {
    const { samples } = await open(401);
    const one = { kind: 'one', source: 'alo', topic: 'action_created', story: 0 } as const;
    expect(await samples.send(one)).toMatchObject({ sent: 1, accepted: 0, trouble: 'no' });
    await expect(samples.send({ ...one, source: 'nobody' })).rejects.toThrow('no source "nobody"');
    await expect(samples.send({ ...one, topic: 'nothing' })).rejects.toThrow('no sample of "nothing"');
  });
});

describe('what the panel is told', () => {
  it('has every topic once, stories with names of their own, and no secret', async () => {
    const { samples, service } = await open();
    expect(
      samples.sources.map(({ name, topics, oldTopics, reorders }) => [name, topics.length, oldTopics.length, reorders]),
    ).toEqual([
      ['alo', 5, 0, true],
      ['allo', 11, 6, false],
    ]);
    for (const { stories } of samples.sources) expect(new Set(stories).size).toBe(stories.length);
    const told = JSON.stringify({ sources: samples.sources, dashboard: samples.dashboard });
    expect(told).not.toMatch(/whsec|secret/);
    expect(await samples.status()).toBe(null);
    expect(service.config.sources).toHaveLength(2);
  });

  it('counts what became of everything, as the admin listener does; null once nobody answers', async () => {
    const service = await startService();
    onTestFinished(() => service.stop());
    const port = service.app.adminAddress()?.port ?? 0;
    const samples = createSampleEvents({
      sources: service.config.sources,
      url: service.url,
      admin: { ...service.config.admin, port },
    });
    await samples.send({ kind: 'one', source: 'alo', topic: 'action_created', story: 0 });
    await until(async () => (await samples.status())?.sent === 1);
    expect(await samples.status()).toEqual({
      waiting: 0,
      held: 0,
      sent: 1,
      merged: 0,
      superseded: 0,
      dead: 0,
      parked: 0,
      dismissed: 0,
    });
    await service.app.stop();
    expect(await samples.status()).toBe(null);
  });
});
