/** What a route would send, in words. */
import type { PlannedView } from '../../routing/route-view.ts';
import { duration } from '../dashboard/words.ts';

export function where({ verb, channel = '', emoji = '', to, slack_user: user }: PlannedView): string {
  switch (verb) {
    case 'card':
      return `A card in ${channel}`;
    case 'post':
      return `A message in ${channel}`;
    case 'reply':
      return `A reply in the card’s thread in ${channel}`;
    case 'none':
      return 'Nothing';
    case 'react':
      return `:${emoji}: on the card in ${channel}`;
    default:
      return `A message to ${to?.name ?? to?.email ?? to?.id ?? user ?? 'somebody'}`;
  }
}

/** When, and on what condition. */
export function facts({ held_until: held, at_least: least, broadcast }: PlannedView): string[] {
  return [
    broadcast === true ? 'It is shown in the channel as well.' : '',
    held === null ? '' : `Quiet hours hold it until ${new Date(held).toLocaleString('en-US', HELD)}.`,
    least === null ? '' : `Only when ${least.count} came within ${duration(least.within_ms)}; it then says how many.`,
  ].filter((fact) => fact !== '');
}

const HELD = { weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' } as const;
