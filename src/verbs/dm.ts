/** `dm`: a direct message to each person that `to` gives. Somebody with no Slack user is reported, never skipped. */
import { personText } from '../core/event.ts';
import { object } from '../language/schema.ts';
import { filled, oneOrMany } from '../language/values.ts';
import { template } from './keys.ts';
import { nobodySince } from './render.ts';
import { openDm, postAlone } from './sending.ts';
import { failed, type ToPerson, type Verb } from './verb.ts';

const TO_HELP = 'Who it goes to is needed, such as event.assignees.added.';
/** What may be shown: addresses and ids are no secrets. */
const ADDRESS = /^[\w.+-]+@[\w.-]+$|^[UW][A-Z0-9]{6,}$/;
const FIELD = /^event(?:\.\w+)+$/;

/** A list of YAML where one of CEL is needed. */
function toHelp({ input }: { readonly input?: unknown }): string {
  if (!Array.isArray(input)) return TO_HELP;
  const items: readonly unknown[] = input;
  const written = items.map((item) => {
    if (typeof item !== 'string') return null;
    return FIELD.test(item) ? item : ADDRESS.test(item) ? `"${item}"` : null;
  });
  const list = written.length > 0 && !written.includes(null) ? written.join(', ') : '"maria@example.com"';
  return `This is an expression (CEL), in which a list stands in quotes: to: '[${list}]'.`;
}
const HELP = 'People and a template are needed, such as { to: event.assignees.added, template: assigned_to_you }.';

const to = filled(toHelp, TO_HELP).describe(
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
