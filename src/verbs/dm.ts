/** `dm`: a direct message to each person that `to` gives. Somebody with no Slack user is reported, never skipped. */
import { personText } from '../core/event.ts';
import { object } from '../language/schema.ts';
import { filled, oneOrMany } from '../language/values.ts';
import { template } from './keys.ts';
import { nobodySince } from './render.ts';
import { openDm, postAlone } from './sending.ts';
import { failed, type ToPerson, type Verb } from './verb.ts';

const TO_HELP = 'Who it goes to is needed, such as event.assignees.added.';
const HELP = 'People and a template are needed, such as { to: event.assignees.added, template: assigned_to_you }.';

const to = filled(TO_HELP).describe(
  "CEL: the event's people, such as event.assignees.added, e-mail addresses, or ids.",
);

type DmTarget = ToPerson<{ readonly template: string }>;

export const dm = {
  name: 'dm',
  address: 'people',
  steps: oneOrMany(object({ to, template }, HELP), HELP)
    .optional()
    .describe('A direct message to each person that `to` gives.'),
  templates: ['template'],
  role: 'message',
  scopes: [{ scope: 'im:write', optional: false, use: 'opens direct messages (dm)' }],
  words: ({ to }: DmTarget) => `dm to ${personText(to)}`,
  async deliver({ to, template }: DmTarget, work, parts) {
    const conversation = await openDm(to, nobodySince(work), parts);
    if (conversation.kind !== 'sent') return failed(conversation);
    return postAlone(conversation.value, template, { work, parts });
  },
} as const satisfies Verb;
