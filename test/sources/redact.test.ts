import { describe, expect, it } from 'vitest';
import { keptOf, redacted, redactSchema } from '../../src/sources/redact.ts';
import { readBody, receive } from './requests.ts';

const R = '[redacted]';

describe('paths', () => {
  it.each<[string, unknown, unknown]>([
    ['data.transcript', { data: { transcript: 'a', x: 1 } }, { data: { transcript: R, x: 1 } }],
    ['data', { data: { transcript: 'a' } }, { data: R }],
    ['data.lines[*]', { data: { lines: ['a', 'b', null] } }, { data: { lines: [R, R, null] } }],
    ['data.lines', { data: { lines: ['a', 'b'] } }, { data: { lines: R } }],
    [
      'data.calls[*].from',
      { data: { calls: [{ from: 1, to: 2 }, 'x'] } },
      { data: { calls: [{ from: R, to: 2 }, 'x'] } },
    ],
    ['a list without [*]: data.from', { data: [{ from: 1 }, [{ from: 2 }]] }, { data: [{ from: R }, [{ from: R }]] }],
    ['[*] where one stands alone: data[*].from', { data: { from: 1 } }, { data: { from: R } }],
    ['the body by its name: payload.data.from', { data: { from: 1 } }, { data: { from: R } }],
    ['a key of that name: payload.data', { payload: { data: 1 } }, { payload: { data: R } }],
    ['what is null, or is not there: data.a', { data: { a: null }, b: 1 }, { data: { a: null }, b: 1 }],
    ['what every object inherits: constructor.name', { a: 1 }, { a: 1 }],
    ['in the root’s list: from', [{ from: 1 }], [{ from: R }]],
    ['other words for keys: data.From-Number_2', { data: { 'From-Number_2': 1 } }, { data: { 'From-Number_2': R } }],
  ])('%s', (described, payload, expected) => {
    const path = described.split(' ').at(-1) ?? '';
    const before = structuredClone(payload);
    expect(redacted(payload, redactSchema.parse(path))).toEqual(expected);
    expect(payload).toEqual(before);
  });

  it('one that looks like the prototype stays a key', () => {
    const payload: unknown = JSON.parse('{"__proto__":{"from":1}}');
    expect(JSON.stringify(redacted(payload, redactSchema.parse('__proto__.from')))).toBe(
      `{"__proto__":{"from":"${R}"}}`,
    );
  });

  it.each([
    '',
    'data.',
    '.data',
    'data..x',
    'data[0]',
    'data["x"]',
    'data.*',
    'data [*]',
    'payload.data != null',
    '$.a b',
    'a,b',
  ])('%j is none', (path) => {
    expect(redactSchema.safeParse([path]).error?.issues[0]?.message).toContain('such as data.transcript');
  });
});

describe('a redacting source', () => {
  const body =
    '{ "type": "action_message_added", "action_id": "a1", "id": 7, "text": "my pin is 1234", "text": "call +33612345678" }';
  const settings = { redact: ['text', 'action_id'] };

  it('shows and keeps the same thing, without it', () => {
    const { read, kept } = receive('alo', body, settings);
    expect(kept).toBe(`{"type":"action_message_added","action_id":"${R}","id":7,"text":"${R}"}`);
    expect(read.event).toMatchObject({ subject: R, message: { text: R }, payload: JSON.parse(kept) });
    expect(JSON.stringify(read)).not.toMatch(/1234|\+336/);
  });

  it('knows a repeated webhook as one that redacts nothing does', () => {
    for (const more of [{}, { scheme: 'standard-webhooks' as const }, { dedupeKey: 'payload.id' }]) {
      const { dedupe } = readBody('alo', body, { ...settings, ...more });
      expect(dedupe).toEqual(readBody('alo', body, more).dedupe);
    }
    expect(readBody('alo', body, { ...settings, dedupeKey: 'payload.id' })).toMatchObject({
      dedupe: { key: 'key:7' },
      event: { id: '7' },
    });
  });

  it('a key that is redacted itself tells events apart, and is not kept', () => {
    const keyed = (text: string) => {
      const { dedupe, event } = readBody('alo', JSON.stringify({ text }), { ...settings, dedupeKey: 'payload.text' });
      expect(event.id).toMatch(/^evt_/);
      return dedupe.key;
    };
    expect(keyed('1234')).toMatch(/^key:[0-9a-f]{64}$/);
    expect(keyed('1234')).toBe(keyed('1234'));
    expect(keyed('1234')).not.toBe(keyed('12345'));
  });

  it('answers the handshake', () => {
    const handshake = JSON.stringify({ type: 'webhook_url_verification', challenge: 'c' });
    expect(readBody('alo', handshake, { redact: ['challenge'] }).challenge).toBe('c');
  });

  it('keeps the very bytes where there is nothing to redact, or no paths in them', () => {
    expect(receive('alo', body).kept).toBe(body);
    expect(receive('alo', 'text=1234', settings).kept).toBe('text=1234');
    expect(keptOf('text', redactSchema.parse('text'))).toBeNull();
  });

  it('reads numbers that JSON cannot write as it will after a restart', () => {
    const { read, kept } = receive('alo', '{"type":"x","n":1e999}', settings);
    expect(read.event.payload).toEqual(JSON.parse(kept));
  });
});
