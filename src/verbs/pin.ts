/** `pin`: pins the card to its channel. Already pinned counts as done. */
import type { RelayEvent } from '../core/event.ts';
import { object } from '../language/schema.ts';
import { oneOrMany } from '../language/values.ts';
import { channel } from './keys.ts';
import { markCard, markLine } from './mark.ts';
import type { ToChannel, Verb } from './verb.ts';

const DOING = 'to pin';
const HELP = 'A channel is needed, such as { channel: "#general" }.';

export const pin = {
  name: 'pin',
  address: 'channel',
  steps: oneOrMany(object({ channel }, HELP), HELP).optional().describe('Pins the card to its channel.'),
  templates: [],
  role: 'mark',
  doing: DOING,
  scopes: [{ scope: 'pins:write', optional: true, use: 'pins cards (pin)' }],
  words: ({ channel }: ToChannel) => `pin in ${channel}`,
  line: (_target: ToChannel, event: RelayEvent) => markLine(':pushpin:', event),
  deliver: ({ channel }: ToChannel, work, parts) =>
    markCard({ method: 'pins.add', already: 'already_pinned' }, { channel, doing: DOING }, { work, parts }),
} as const satisfies Verb;
