import { expect, it } from 'vitest';
import { open } from './workspace.ts';

async function ask(origin: string, body: unknown): Promise<[number, unknown]> {
  const response = await fetch(`${origin}/_sandbox/people`, { method: 'POST', body: JSON.stringify(body) });
  return [response.status, await response.json()];
}

it('people have a time zone, which can be set', async () => {
  const { sandbox, slack } = await open();
  const origin = new URL(sandbox.apiUrl).origin;
  const { user: { id: maria = '' } = {} } = await slack.users.lookupByEmail({ email: 'maria@example.com' });
  const zoneOf = async (user: string) => (await slack.users.info({ user })).user?.tz;
  expect(await zoneOf(maria)).toBe('Europe/Paris');
  expect(await zoneOf('U0MAPPED01')).toBe('Europe/Paris');

  expect(await ask(origin, { email: 'Maria@Example.com', tz: 'America/New_York' })).toEqual([200, { ok: true }]);
  expect(await zoneOf(maria)).toBe('America/New_York');
  await slack.users.lookupByEmail({ email: 'maria@example.com' });
  expect(await zoneOf(maria)).toBe('America/New_York');
  expect(await zoneOf('U0MAPPED01')).toBe('Europe/Paris');

  expect(await ask(origin, { email: 'nobody@example.com', tz: 'UTC' })).toEqual([404, { error: 'users_not_found' }]);
  expect((await ask(origin, { email: 'maria@example.com' }))[0]).toBe(400);
});

it('somebody who moves before anybody asked for them is there', async () => {
  const { sandbox, slack } = await open();
  await ask(new URL(sandbox.apiUrl).origin, { email: 'ada@example.com', tz: 'Asia/Tokyo' });
  const { user } = await slack.users.lookupByEmail({ email: 'ada@example.com' });
  expect(user).toMatchObject({ tz: 'Asia/Tokyo', name: 'ada' });
});

it('whose address was once asked for keeps their name, even when the workspace forgets everything', async () => {
  const { sandbox, slack } = await open();
  const { user: { id = '' } = {} } = await slack.users.lookupByEmail({ email: 'ada@example.com' });
  sandbox.workspace.reset();
  expect(sandbox.workspace.people.all.map((person) => person.id)).not.toContain(id);
  expect(sandbox.workspace.openDm(id)?.name).toBe('Ada');
});
