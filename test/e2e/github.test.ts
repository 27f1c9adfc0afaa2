/** A repository's webhooks on their way through the real service: a card, its thread, a direct message, each once. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Service, startService } from '../helpers/service.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

const FOLDER = new URL('../fixtures/payloads/github/', import.meta.url);
const body = (topic: string) => readFileSync(new URL(`${topic}.json`, FOLDER), 'utf8');

let service: Service;

beforeEach(async () => {
  service = await startService(
    `
people: { map: { ben-example: U0BEN0001 } }
routes:
  - { on: ["issues.*", "pull_request.*"], card: { channel: "#code", template: action_card } }
  - { on: [issue_comment.created, pull_request_review.submitted], reply: { channel: "#code", template: action_message_added } }
  - { on: issues.assigned, dm: { to: event.assignees.added, template: assigned_to_you } }
`,
    {},
    {},
    `github: { type: github, secrets: ["It's a Secret to Everybody"] }`,
  );
});

afterEach(() => service.stop());

/** What stands in the channel, and in direct messages. */
async function messages() {
  const { conversations } = await readState(service.sandbox.url);
  const of = (kind: string) => conversations.flatMap(({ id, messages: found }) => (id.startsWith(kind) ? found : []));
  return { code: of('C'), direct: of('D') };
}

async function send(topic: string, messageId: string): Promise<Response> {
  const response = await service.post('github', body(topic), { messageId });
  expect(response.status).toBe(200);
  return response;
}

it('a card for each issue and pull request, with what is said in its thread, and a message to the assignee', async () => {
  const topics = ['ping', 'issues.opened', 'issues.assigned', 'pull_request.opened', 'issue_comment.created'];
  const later = ['pull_request_review.submitted', 'pull_request.closed', 'issues.closed', 'push'];
  for (const [at, topic] of [...topics, ...later].entries()) await send(topic, `delivery-${at}`);
  const found = await until(async () => {
    const { code, direct } = await messages();
    const ended = code.filter(({ text }) => /is (?:closed|merged)$/.test(text));
    return ended.length === 2 && code[1]?.replies.length === 2 && direct.length === 1 && { code, direct };
  });
  expect(found.code.map(({ text }) => text)).toEqual([
    expect.stringContaining('Totals are rounded twice is closed'),
    expect.stringContaining('Round once, at the end is merged'),
  ]);
  expect(found.code[1]?.replies.map(({ text }) => text)).toEqual([
    expect.stringContaining('Does this cover refunds?'),
    expect.stringContaining('One test for *zero* would help.'),
  ]);
  expect(found.direct[0]?.text).toContain('Totals are rounded twice');
});

it('the same delivery, or the same body under another id, is answered 200 and makes nothing', async () => {
  const first = await send('issues.opened', 'delivery-1');
  expect(first.headers.get('event-id')).toBe('delivery-1');
  for (const id of ['delivery-1', 'delivery-2', 'delivery-2']) {
    expect((await send('issues.opened', id)).headers.get('event-id')).toBeNull();
  }
  await send('issue_comment.created', 'delivery-3');
  const code = await until(async () => {
    const found = await messages();
    return found.code.length === 2 && found.code;
  });
  expect(code[0]?.text).toContain('Totals are rounded twice');
});

it('a form is taken, and a body that was changed is not', async () => {
  const form = new URLSearchParams({ payload: body('issues.opened') }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = (text: string) => service.post('github', text, { messageId: 'delivery-1', headers });
  expect((await post(form)).headers.get('event-id')).toBe('delivery-1');
  await until(async () => (await messages()).code.length === 1);
  const signed = service.source('github').sign({ body: form, messageId: 'delivery-2', nowMs: Date.now() });
  const changed = await fetch(`${service.url}/webhooks/github`, {
    method: 'POST',
    headers: { ...signed, ...headers },
    body: form.replace('opened', 'closed'),
  });
  expect([changed.status, await changed.json()]).toMatchObject([401, { error: { code: 'signature-mismatch' } }]);
});
