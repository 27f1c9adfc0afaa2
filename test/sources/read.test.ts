import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ABSENT_ACTION, ABSENT_MESSAGE, ABSENT_PERSON } from '../../src/core/absent.ts';
import type { SourceTypeName } from '../../src/sources/registry.ts';
import { ALO_SECRET, NOW, RETENTION_MS, readBody, WINDOW_MS } from './requests.ts';

const payloads = new URL('../fixtures/payloads/', import.meta.url);
const nobody = { id: null, name: null, email: null, kind: null };
const idOnly = (id: string) => ({ ...nobody, id });
const maria = { ...nobody, id: 'u-1', name: 'Maria Santos', email: 'maria@example.com' };
const agent = { ...nobody, email: 'agent@example.com' };

function readFile(file: string) {
  const type: SourceTypeName = file.startsWith('alo/') ? 'alo' : 'allo';
  return readBody(type, readFileSync(new URL(`${file}.json`, payloads), 'utf8')).event;
}

describe('ALO payloads, in the forms they may have', () => {
  it('everything nested', () => {
    expect(readFile('alo/nested-assignment')).toMatchObject({
      topic: 'action_assignment_changed',
      subject: 'act_1',
      occurred_at: '2025-03-15T09:00:00Z',
      received_at: '2025-03-15T14:31:00.000Z',
      actor: { id: 'u-2', name: 'Jonas Weber', email: 'jonas@example.com', kind: 'user' },
      action: {
        id: 'act_1',
        title: 'Cold room is warm',
        description: '9 °C for 20 minutes.',
        status: 'Open',
        priority: 'Critical',
        type: 'incident',
        team: 'Facilities',
        due_at: '2025-03-15T11:00:00Z',
        url: 'https://app.example.com/actions/act_1',
      },
      assignees: { current: [maria], added: [maria], removed: [idOnly('u-9')] },
    });
    expect(readFile('alo/nested-assignment').message).toBe(ABSENT_MESSAGE);
  });

  it('everything flat; the other name of the status topic; numbers for ids and times', () => {
    const event = readFile('alo/flat-status');
    expect(event).toMatchObject({
      topic: 'action_status_updated',
      subject: '4711',
      occurred_at: '2025-03-15T09:00:00.000Z',
      actor: { ...nobody, email: 'maria@example.com' },
      action: { ...ABSENT_ACTION, id: '4711', title: 'Opening checklist', status: 'Completed' },
      assignees: { current: [], added: [], removed: [] },
      payload: { type: 'action_status_changed' },
    });
  });

  it('wrapped in data, in camel case, where data is the message', () => {
    const aisha = { ...nobody, id: 'u-3', name: 'Aisha Khan' };
    expect(readFile('alo/wrapped-message')).toMatchObject({
      topic: 'action_message_added',
      subject: 'act_77',
      occurred_at: '2025-03-15T10:30:00Z',
      actor: aisha,
      message: { text: 'On my way.', author: aisha },
    });
  });

  it('assignees before and after', () => {
    expect(readFile('alo/before-after')).toMatchObject({
      subject: 'b0a1',
      actor: { ...nobody, id: 'u-4', email: 'luc@example.com' },
      action: { title: 'Refund order 48213', status: 'in_review', due_at: 'end of the week' },
      assignees: { current: [idOnly('u-2'), idOnly('u-3')], added: [idOnly('u-3')], removed: [idOnly('u-1')] },
    });
  });

  it('a lone assignee is new only where the event is about the assignment', () => {
    const body = (type: string) => JSON.stringify({ type, action_id: 'a', assignee: { id: 'u-1' } });
    expect(readBody('alo', body('action_assignment_changed')).event.assignees.added).toEqual([idOnly('u-1')]);
    expect(readBody('alo', body('action_updated')).event.assignees.added).toEqual([]);
  });
});

describe('Allo payloads, as documented', () => {
  it('call.received, without an id', () => {
    const event = readFile('allo/call.received');
    expect(event).toMatchObject({
      topic: 'call.received',
      subject: null,
      actor: agent,
      occurred_at: '2025-03-15T14:30:00.000Z',
    });
    expect(event.action).toBe(ABSENT_ACTION);
  });

  it('call and tag events of one call share a subject', () => {
    const call = readFile('allo/call.completed');
    expect(call).toMatchObject({
      topic: 'call.completed',
      subject: 'cll_2b9Q',
      occurred_at: '2025-03-15T14:30:45.123456Z',
    });
    expect(call.actor).toBe(ABSENT_PERSON);
    expect(call.action).toBe(ABSENT_ACTION);
    expect(call.message).toBe(ABSENT_MESSAGE);
    expect(readFile('allo/tag.added')).toMatchObject({ topic: 'tag.added', subject: 'cll_2b9Q', actor: agent });
  });

  it('sms.received: the text, by the number where no contact matches', () => {
    expect(readFile('allo/sms.received')).toMatchObject({
      subject: 'msg_9fK',
      message: { text: 'Is my order ready? 👍', author: idOnly('+33612345678') },
    });
  });

  it('contact.updated', () => {
    expect(readFile('allo/contact.updated')).toMatchObject({ subject: 'con_5MiGNHp2vI1AN6sTu4Cw' });
  });

  it('the older names', () => {
    expect(readFile('allo/v1-call-received')).toMatchObject({
      topic: 'CALL_RECEIVED',
      subject: 'cll_old1',
      actor: agent,
    });
  });
});

describe('topic', () => {
  it.each<[SourceTypeName, object, string]>([
    ['alo', { type: 'action_status_changed' }, 'action_status_updated'],
    ['alo', { topic: 'action_created' }, 'action_created'],
    ['alo', { type: 'from.the.future' }, 'from.the.future'],
    ['allo', { topic: 'call.parked' }, 'call.parked'],
    ['allo', { topic: 'PING' }, 'PING'],
    ['allo', { type: 'call.answered' }, 'call.answered'],
    ['allo', { topic: 'call.answered', type: 'event' }, 'call.answered'],
    ['standard-webhooks', { type: 'invoice.paid', topic: 'x' }, 'invoice.paid'],
    ['standard-webhooks', { topic: 'invoice.paid' }, 'invoice.paid'],
    ['standard-webhooks', { event: { type: 'invoice.paid' } }, 'invoice.paid'],
    ['alo', { type: { deep: true } }, 'unknown'],
    ['alo', { type: ' ' }, 'unknown'],
    ['alo', { type: 'a\u0000b\nc ' }, 'abc'],
    ['allo', {}, 'unknown'],
  ])('%s %j: %s', (type, body, topic) => {
    expect(readBody(type, JSON.stringify(body)).event.topic).toBe(topic);
  });
});

describe('the handshake', () => {
  const ask = (body: object, type: SourceTypeName = 'alo') => readBody(type, JSON.stringify(body)).challenge;

  it('is answered under both names, by ALO sources alone', () => {
    expect(ask({ challenge: 'c-1', type: 'webhook_url_verification' })).toBe('c-1');
    expect(ask({ challenge: 'c-1', type: 'webhook_url_validation' })).toBe('c-1');
    expect(ask({ challenge: 'c-1', type: 'webhook_url_validation' }, 'allo')).toBeNull();
  });

  it('needs a challenge that is text', () => {
    expect(ask({ challenge: { $ne: 1 }, type: 'webhook_url_verification' })).toBeNull();
    expect(ask({ challenge: 'c'.repeat(1025), type: 'webhook_url_verification' })).toBeNull();
    expect(ask({ challenge: 'c-1', type: 'action_created' })).toBeNull();
  });
});

describe('fields from the config', () => {
  const body = JSON.stringify({
    type: 'action_created',
    kind: 'task_opened',
    action: { id: 'a-1', title: 'By candidate', ref: 77 },
    people: [{ id: 'u-1' }, { id: 'u-2' }],
  });

  it('replace the candidates', () => {
    const fields = {
      subject: '"ref-" + string(payload.action.ref)',
      assignees_added: 'payload.people',
      topic: 'payload.kind',
    };
    const { event } = readBody('alo', body, { fields });
    expect(event).toMatchObject({
      subject: 'ref-77',
      topic: 'task_opened',
      assignees: { added: [idOnly('u-1'), idOnly('u-2')] },
    });
    expect(event.action).toMatchObject({ id: 'a-1', title: 'By candidate' });
  });

  it('give null, and no candidate a turn, where they fail or find nothing of use', () => {
    const fields = {
      subject: 'payload.gone',
      action_title: 'payload.people',
      action_id: 'payload.?gone.orValue("")',
      actor: 'payload.x.y',
    };
    const { event } = readBody('alo', body, { fields });
    expect(event).toMatchObject({ subject: null, action: { id: null, title: null }, actor: nobody });
  });
});

describe('a payload that is too much work', () => {
  const list = Array.from({ length: 3000 }, (_, n) => `u${n}`);
  const body = JSON.stringify({ type: 'action_created', list, ref: 'r-1' });
  const own = { secrets: [ALO_SECRET] };
  const hostile = 'payload.list.exists(a, payload.list.exists(b, a + "x" == b)) ? "yes" : "no"';

  it('makes the field null, and the others are read', () => {
    const fields = { topic: hostile, action_id: hostile, action_title: hostile, action_status: hostile };
    const { event, notes } = readBody('alo', body, { fields: { ...fields, subject: 'payload.ref' } });
    expect(notes.map(({ key }) => key)).toEqual(Object.keys(fields).map((field) => `fields.${field}`));
    expect(notes[0]?.note).toMatch(
      /^It is too much work: it takes more than \d+ steps for this event; the field is left empty\./,
    );
    expect(event).toMatchObject({ topic: 'unknown', subject: 'r-1', action: { id: null, title: null, status: null } });
  });

  it('makes the dedupe key that of the body', () => {
    const { dedupe, notes } = readBody('alo', body, { ...own, dedupeKey: hostile });
    expect(dedupe.key).toMatch(/^sha256:/);
    expect(notes).toEqual([{ key: 'dedupe.key', note: expect.stringContaining('the whole body is the key') }]);
    expect(readBody('alo', '{"n":1}', { ...own, dedupeKey: 'payload.gone' }).notes).toEqual([]);
  });
});

describe('the dedupe key and the id', () => {
  const body = '{"type":"action_created","event_id":"e-9","number":12}';
  const own = { secrets: [ALO_SECRET] };

  it("is the sender's message id, where it is signed", () => {
    const { dedupe, event } = readBody('alo', body, { scheme: 'standard-webhooks', dedupeKey: 'payload.event_id' });
    expect(dedupe).toEqual({ key: 'id:msg_1', keepUntil: NOW + RETENTION_MS });
    expect(event.id).toBe('msg_1');
  });

  it.each([
    ['payload.event_id', 'e-9'],
    ['payload.number', '12'],
    ['payload.event_id + "/" + string(payload.number)', 'e-9/12'],
  ])('is what %s gives', (dedupeKey, value) => {
    const { dedupe, event } = readBody('alo', body, { ...own, dedupeKey });
    expect(dedupe).toEqual({ key: `key:${value}`, keepUntil: NOW + RETENTION_MS });
    expect(event.id).toBe(value);
  });

  it.each([undefined, 'payload.gone', '""', 'payload', 'true'])(
    'is the body for a while, where %s gives nothing',
    (dedupeKey) => {
      const settings = dedupeKey === undefined ? own : { ...own, dedupeKey };
      const first = readBody('alo', body, settings);
      const again = readBody('alo', body, settings);
      expect(first.dedupe).toEqual({ key: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), keepUntil: NOW + WINDOW_MS });
      expect(again.dedupe).toEqual(first.dedupe);
      expect(again.event.id).not.toBe(first.event.id);
      expect(readBody('alo', `${body} `, settings).dedupe.key).not.toBe(first.dedupe.key);
      expect(first.event.id).toMatch(/^evt_[0-9a-z]{9}[0-9a-f]{32}$/);
    },
  );

  it('stays apart for long values that begin alike', () => {
    const long = (end: string) => JSON.stringify({ action: { id: `${'x'.repeat(300)}${end}` } });
    const [one, two] = ['a', 'b'].map((end) => readBody('alo', long(end)).event.subject ?? '');
    expect(one).toHaveLength(200);
    expect(one).not.toBe(two);
  });
});
