import { required } from '../arguments.ts';
import { BOT } from '../ids.ts';
import { GROUPS, type Person } from '../people.ts';
import { Refusal } from '../refusal.ts';
import type { Method } from './method.ts';

/** `users.lookupByEmail`. */
export const lookupByEmail: Method = ({ args, workspace }) => {
  const person = workspace.people.byEmail(required(args, 'email'));
  if (person === undefined) throw new Refusal('users_not_found');
  return { user: presentPerson(person) };
};

/** `users.info`. */
export const info: Method = ({ args, workspace }) => {
  const person = workspace.people.byId(required(args, 'user', 'user_not_found'));
  if (person === undefined) throw new Refusal('user_not_found');
  return { user: presentPerson(person) };
};

/** `usergroups.list`. */
export const listGroups: Method = () => ({ usergroups: GROUPS.map((group) => ({ ...group, team_id: BOT.teamId })) });

/** `auth.test`. */
export const authTest: Method = ({ workspace }) => ({
  url: workspace.url,
  team: 'Sandbox',
  user: 'alo-relay',
  team_id: BOT.teamId,
  user_id: BOT.userId,
  bot_id: BOT.botId,
  is_enterprise_install: false,
});

function presentPerson({ id, name, email, tz }: Person): Record<string, unknown> {
  const profile = { real_name: name, display_name: name, ...(email === null ? {} : { email }) };
  const handle = (email ?? id).split('@')[0];
  return {
    id,
    team_id: BOT.teamId,
    name: handle,
    real_name: name,
    deleted: false,
    is_bot: id === BOT.userId,
    tz,
    profile,
  };
}
