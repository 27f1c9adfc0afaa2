import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PlaygroundSite, startPlayground } from '../helpers/playground.ts';

let site: PlaygroundSite;

beforeAll(async () => {
  site = await startPlayground();
});

afterAll(() => site.stop());

const event = { topic: 'action_created' };

it.each([
  ['a form', 415, 'not-json', 'event=1', 'application/x-www-form-urlencoded'],
  ['no JSON', 400, 'bad-request', '{'],
  ['no event', 400, 'bad-request', JSON.stringify({ template: { name: 'x', text: '' } })],
  ['an unknown key', 400, 'bad-request', JSON.stringify({ event, config: 'slack: {}' })],
  ['a template that is a path', 400, 'bad-request', JSON.stringify({ event, template: { name: '../x', text: '' } })],
  ['a time that is none', 400, 'bad-request', JSON.stringify({ event, at: 'soon' })],
  ['a long body', 400, 'bad-request', JSON.stringify({ event: { source: 'alo', body: 'x'.repeat(300_000) } })],
  ['too much', 413, 'body-too-large', JSON.stringify({ event, routes: 'x'.repeat(2_000_000) })],
  ['what is right', 200, undefined, JSON.stringify({ event, at: '2026-03-03T11:00:00Z' })],
])('%s is answered with %i', async (_, status, code, body, type = 'application/json') => {
  const headers = { 'content-type': type };
  const response = await fetch(`${site.url}api/playground`, { method: 'POST', headers, body });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject(
    code === undefined ? { problems: [], preview: null } : { error: { code } },
  );
});
