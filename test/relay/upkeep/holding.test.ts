import { afterEach, describe, expect, it } from 'vitest';
import { LOST } from '../../helpers/gateway.ts';
import { openRelay, type RelayUnderTest } from '../../helpers/relay.ts';

const HOUR_MS = 3_600_000;

const TEMPLATES = {
  t: 'chat {{ event.payload.data.n }}',
  digest: `{{ event.payload.count }} of them: {{ event.payload.lines | map: 'text' | join: ', ' }}`,
};

let relay: RelayUnderTest;

afterEach(() => relay.close());

async function open(at: string, route: string): Promise<void> {
  const config = `
slack: { token: xoxb-1 }
people: { map: { maria: U00000001, kenji: U00000002 } }
delivery: { per_channel: { per_second: 100, burst: 100 } }
quiet_hours:
  nights: { timezone: Europe/Paris, from: "19:00", to: "08:00" }
  theirs: { timezone: recipient, from: "20:00", to: "08:00" }
routes: [${route}]
`;
  relay = await openRelay(config, { at, templates: TEMPLATES });
}

const shown = () => relay.slack.standing.map(({ posting: { channel, message } }) => `${channel} ${message.text}`);

const QUIET =
  '{ name: all, quiet_hours: nights, urgent: event.payload.data.urgent == true, post: { channel: "#a", template: t } }';

describe('quiet hours', () => {
  it('hold back what is not urgent, and let it out together when they end', async () => {
    await open('2026-03-02T17:59:00Z', QUIET);
    await relay.send({ n: 1 });
    await relay.clock.advance(2 * 60_000);
    await relay.send({ n: 2 });
    await relay.send({ n: 3, urgent: true });
    await relay.send({ n: 4 });
    expect(shown()).toEqual(['#a chat 1', '#a chat 3']);
    await relay.clock.advance(12 * HOUR_MS);
    expect(await relay.journal.tally()).toMatchObject({ held: 2 });
    await relay.clock.advance(HOUR_MS);
    expect(shown()).toHaveLength(3);
    expect(shown()[2]).toContain('*2 messages*');
    expect(shown()[2]).toMatch(/• chat 2\n• chat 4$/);
    expect(await relay.journal.tally()).toMatchObject({ held: 0, merged: 2, sent: 2 });
    await relay.send({ n: 5 });
    expect(shown().at(-1)).toBe('#a chat 5');
  });

  it('survive a restart, and one that comes after they ended', async () => {
    await open('2026-03-02T20:00:00Z', QUIET);
    await relay.send({ n: 1 });
    await relay.stop();
    await relay.clock.advance(24 * HOUR_MS);
    await relay.start();
    expect(shown()).toEqual(['#a chat 1']);
  });

  it('keep nothing in where the clock is set forward past their end', async () => {
    await open('2026-03-02T20:00:00Z', QUIET);
    await relay.send({ n: 1 });
    relay.clock.step(13 * HOUR_MS);
    await relay.clock.advance(31_000);
    expect(shown()).toEqual(['#a chat 1']);
  });

  it('bring a card up to date when they end, with one update', async () => {
    await open('2026-03-02T17:00:00Z', '{ name: all, quiet_hours: nights, card: { channel: "#a", template: t } }');
    for (const n of [1, 2, 3]) {
      await relay.send({ id: 'cll_1', n });
      await relay.clock.advance(2 * HOUR_MS);
    }
    await relay.clock.advance(12 * HOUR_MS);
    expect(relay.slack.calls.filter((call) => /^(post|update)/.test(call))).toEqual([
      'post #a chat 1',
      'update Ca/1.0 chat 3',
    ]);
  });

  it("begin and end in the reader's own zone", async () => {
    await open(
      '2026-03-02T13:00:00Z',
      '{ name: tell, quiet_hours: theirs, dm: { to: event.payload.data.to, template: t } }',
    );
    relay.slack.zones.set('U00000001', 'Europe/Paris').set('U00000002', 'Asia/Tokyo');
    await relay.send({ n: 1, to: ['maria', 'kenji'] });
    await relay.send({ n: 2, to: ['kenji'] });
    expect(shown()).toEqual(['DU00000001 chat 1']);
    await relay.clock.advance(10 * HOUR_MS);
    expect(shown()).toHaveLength(2);
    expect(shown()[1]).toMatch(/^DU00000002 [\s\S]*• chat 1\n• chat 2$/);
  });
});

describe('a message that may have arrived', () => {
  it('before the quiet hours began is looked for all the same, and not held to be sent again', async () => {
    await open(
      '2026-03-02T18:59:59Z',
      '{ name: tell, quiet_hours: theirs, dm: { to: event.payload.data.to, template: t } }',
    );
    relay.slack.zones.set('U00000001', 'Europe/Paris');
    relay.slack.lag = 1;
    const { post } = relay.slack;
    relay.slack.post = async (posting) => {
      await post(posting);
      return LOST;
    };
    await relay.send({ n: 1, to: ['maria'] });
    relay.slack.post = post;
    expect(await relay.journal.tally()).toMatchObject({ pending: 1 });
    await relay.clock.advance(10_000);
    expect(await relay.journal.tally()).toMatchObject({ held: 0, sent: 1 });
    expect(shown()).toEqual(['DU00000001 chat 1']);
  });
});

describe('a threshold', () => {
  it('is told once, with how many and since when, and again only after it has calmed down', async () => {
    await open(
      '2026-03-02T09:00:00Z',
      '{ name: storm, at_least: { count: 3, within: 10m, per: event.payload.data.line }, post: { channel: "#a", template: t } }',
    );
    for (let n = 1; n <= 8; n++) await relay.send({ n, line: 'x' });
    await relay.send({ n: 9, line: 'y' });
    expect(shown()).toEqual([
      `#a chat 3\n_3 times since <!date^${Date.parse('2026-03-02T09:00:00Z') / 1000}^{time}|2026-03-02T09:00:00.000Z>_`,
    ]);
    await relay.clock.advance(9 * 60_000);
    await relay.send({ n: 10, line: 'x' });
    await relay.stop();
    await relay.start();
    await relay.clock.advance(21 * 60_000);
    for (let n = 11; n <= 13; n++) await relay.send({ n, line: 'x' });
    expect(shown()).toHaveLength(2);
    expect(shown()[1]).toContain('chat 13\n_3 times');
  });
});

describe("a route's own digest", () => {
  it('is rendered by its template', async () => {
    await open(
      '2026-03-02T20:00:00Z',
      '{ name: all, quiet_hours: nights, merge: { template: digest }, post: { channel: "#a", template: t } }',
    );
    for (let n = 1; n <= 3; n++) await relay.send({ n });
    await relay.clock.advance(13 * HOUR_MS);
    expect(shown()).toEqual(['#a 3 of them: chat 1, chat 2, chat 3']);
  });
});
