/** GitHub: what is verified, what the payloads say, and what counts as the same webhook. */
import { createHmac, hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { sign } from '../helpers/sign.ts';
import { NOW, RETENTION_MS, request, type Settings, sourceOf, WINDOW_MS } from './requests.ts';

const SECRET = "It's a Secret to Everybody";
const DELIVERY = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const FOLDER = new URL('../fixtures/payloads/github/', import.meta.url);
const BODY = JSON.stringify({ action: 'opened', repository: { full_name: 'a/b' }, issue: { number: 1 } });

const fixture = (topic: string) => readFileSync(new URL(`${topic}.json`, FOLDER), 'utf8');
const digest = (body: string | Buffer, { algorithm = 'sha256', secret = SECRET } = {}) =>
  createHmac(algorithm, secret).update(body).digest('hex');

type Headers = Record<string, string | string[]>;

function signed(body: string | Buffer, headers: Headers = {}): Headers {
  const event = { 'X-GitHub-Event': 'issues', 'X-GitHub-Delivery': DELIVERY, 'content-type': 'application/json' };
  return { ...event, 'X-Hub-Signature-256': `sha256=${digest(body)}`, ...headers };
}

function verdictOf(headers: Headers, body: string | Buffer = BODY, settings: Settings = {}) {
  const source = sourceOf('github', { secrets: [SECRET], ...settings });
  return source.verify(request(headers, body), NOW);
}

function read(headers: Headers, body: string, settings: Settings = {}) {
  const source = sourceOf('github', { secrets: [SECRET], ...settings });
  const verdict = source.verify(request(headers, body), NOW);
  if (!verdict.ok) throw new Error(verdict.refusal.message);
  return source.read(verdict.request, NOW);
}

describe('verification', () => {
  const hex = digest(BODY);
  const signature = (value: string | string[]): Headers => signed(BODY, { 'X-Hub-Signature-256': value });
  const { 'X-Hub-Signature-256': _, ...unsigned } = signed(BODY);

  it('the published vector', () => {
    const headers = {
      'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    };
    expect(verdictOf(headers, 'Hello, World!').ok).toBe(true);
    expect(verdictOf(headers, 'Hello, World?')).toMatchObject({ refusal: { code: 'signature-mismatch' } });
  });

  it.each<[string, Headers, string]>([
    ['good', signed(BODY), 'accepted'],
    ['upper-case hex', signature(`sha256=${hex.toUpperCase()}`), 'accepted'],
    ['no event, no id', { 'X-Hub-Signature-256': `sha256=${hex}` }, 'accepted'],
    ['none', unsigned, 'signature-missing'],
    ['empty', signature(''), 'signature-missing'],
    [
      'SHA-1 alone',
      { ...unsigned, 'X-Hub-Signature': `sha1=${digest(BODY, { algorithm: 'sha1' })}` },
      'signature-missing',
    ],
    ['SHA-1 under the new name', signature(`sha1=${digest(BODY, { algorithm: 'sha1' })}`), 'signature-malformed'],
    ['SHA-512', signature(`sha512=${digest(BODY, { algorithm: 'sha512' })}`), 'signature-malformed'],
    ['without its prefix', signature(hex), 'signature-malformed'],
    ['cut short', signature(`sha256=${hex.slice(2)}`), 'signature-malformed'],
    ['too long', signature(`sha256=${hex}00`), 'signature-malformed'],
    ['huge', signature(`sha256=${'a'.repeat(1_000_000)}`), 'signature-malformed'],
    ['twice', signature([`sha256=${hex}`, `sha256=${hex}`]), 'signature-malformed'],
    ['twice, joined', signature(`sha256=${hex}, sha256=${hex}`), 'signature-malformed'],
    ['wrong', signature(`sha256=${'0'.repeat(64)}`), 'signature-mismatch'],
    ['by another secret', signature(`sha256=${digest(BODY, { secret: 'other' })}`), 'signature-mismatch'],
    [
      'by the empty secret',
      signature(`sha256=${createHmac('sha256', '').update(BODY).digest('hex')}`),
      'signature-mismatch',
    ],
  ])('%s', (_name, headers, expected) => {
    const verdict = verdictOf(headers);
    expect(verdict.ok ? 'accepted' : verdict.refusal.code).toBe(expected);
  });

  it('is over the bytes, of any size', () => {
    for (const body of [Buffer.from([0x22, 0xff, 0x22]), Buffer.alloc(2_000_000, '[')]) {
      expect(verdictOf(signed(body), body).ok).toBe(true);
      expect(verdictOf(signed(body), Buffer.concat([body, Buffer.from('\n')])).ok).toBe(false);
    }
  });

  it('says what to do where GitHub has no secret, and which of several secrets it was', () => {
    expect(verdictOf(unsigned)).toMatchObject({
      refusal: { message: expect.stringContaining("enter a secret in the webhook's settings on GitHub") },
    });
    expect(verdictOf(signed(BODY), BODY, { secrets: ['old', `${SECRET}\n`] })).toMatchObject({
      request: { signature: { scheme: 'github', secret: 2, of: 2, signedAt: null } },
    });
  });

  it('takes what it signs itself', () => {
    const headers = sign({ type: 'github', secret: new Secret(SECRET), body: BODY, messageId: DELIVERY, nowMs: NOW });
    expect(headers).toEqual(signed(BODY));
    expect(read(headers, BODY).event).toMatchObject({ id: DELIVERY, topic: 'issues.opened' });
  });
});

describe('what the payloads say', () => {
  it.each(readdirSync(FOLDER).map((file) => file.replace('.json', '')))('%s', (topic) => {
    const [event = ''] = topic.split('.');
    const {
      payload: _payload,
      received_at: _at,
      ...said
    } = read(signed(fixture(topic), { 'X-GitHub-Event': event }), fixture(topic)).event;
    expect(said).toMatchSnapshot();
    // Without its header: told by the payload.
    const { 'X-GitHub-Event': _, ...headers } = signed(fixture(topic));
    expect(read(headers, fixture(topic)).event.topic).toBe(topic);
  });

  it('what belongs to one pull request is one subject, and so is what belongs to one issue', () => {
    const subjects = (topics: readonly string[]) =>
      new Set(topics.map((topic) => read(signed(fixture(topic)), fixture(topic)).event.subject));
    const pull = ['pull_request.opened', 'pull_request.synchronize', 'pull_request.closed', 'issue_comment.created'];
    expect(subjects([...pull, 'pull_request_review.submitted', 'check_suite.completed'])).toEqual(
      new Set(['example-org/orders#42']),
    );
    expect(subjects(['issues.opened', 'issues.assigned', 'issues.closed'])).toEqual(new Set(['example-org/orders#41']));
    expect(subjects(['push', 'workflow_run.completed'])).toEqual(new Set(['example-org/orders@main']));
  });

  it.each<[string, Headers, string]>([
    ['an event that is new', { 'X-GitHub-Event': 'sub_issues' }, 'sub_issues.opened'],
    ['a name that is none', { 'X-GitHub-Event': 'Issues; DROP' }, 'issues.opened'],
    ['two names', { 'X-GitHub-Event': ['issues', 'push'] }, 'issues.opened'],
  ])('the topic of %s', (_name, headers, topic) => {
    expect(read(signed(BODY, headers), BODY).event.topic).toBe(topic);
  });

  it.each([
    ['null', 'null'],
    ['a list', '[1]'],
    ['text', 'zen'],
    ['wrong kinds', '{"action":{},"issue":[],"comment":7,"repository":{"full_name":[]},"sender":"x","assignee":{}}'],
    ['an action without an event', '{"action":"opened"}'],
  ])('%s is an event all the same', (_name, body) => {
    const { 'X-GitHub-Event': _, ...headers } = signed(body);
    const { event } = read(headers, body);
    expect([event.subject, event.assignees.added]).toEqual([null, []]);
  });

  it('a form is read as the JSON in it, which is what is kept', () => {
    const form = new URLSearchParams({ payload: fixture('issues.opened') }).toString();
    const headers = signed(form, { 'content-type': 'application/x-www-form-urlencoded' });
    const verdict = verdictOf(headers, form);
    expect(verdict).toMatchObject({ ok: true, request: { payload: JSON.parse(fixture('issues.opened')) } });
    expect(verdict.ok && verdict.request.body.toString()).toBe(fixture('issues.opened'));
    expect(read(headers, form).event).toMatchObject({ topic: 'issues.opened', subject: 'example-org/orders#41' });
    expect(verdictOf(headers, fixture('issues.opened'))).toMatchObject({ refusal: { code: 'signature-mismatch' } });
    const other = signed('a=b', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(read(other, 'a=b').event.payload).toBe('a=b');
  });
});

describe('what counts as the same webhook', () => {
  const sha256 = (body: string) => `sha256:${hash('sha256', body)}`;

  it('its id, which is not signed, and the body within the window', () => {
    const { dedupe, event } = read(signed(BODY), BODY);
    expect(event.id).toBe(DELIVERY);
    expect(dedupe).toEqual({
      key: `id:${DELIVERY}`,
      keepUntil: NOW + RETENTION_MS,
      also: { key: sha256(BODY), keepUntil: NOW + WINDOW_MS },
    });
  });

  it('with dedupe.key, its value beside the id', () => {
    const { dedupe } = read(signed(BODY), BODY, { dedupeKey: 'string(payload.issue.number)' });
    expect(dedupe.also).toEqual({ key: 'key:1', keepUntil: NOW + RETENTION_MS });
  });

  it('the body alone, where the id is missing or none', () => {
    const ids: (string | string[])[] = ['', 'a b', 'x'.repeat(257), [DELIVERY, DELIVERY]];
    for (const id of ids) {
      const { dedupe } = read(signed(BODY, { 'X-GitHub-Delivery': id }), BODY);
      expect(dedupe).toEqual({ key: sha256(BODY), keepUntil: NOW + WINDOW_MS });
    }
  });
});
