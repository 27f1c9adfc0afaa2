/**
 * Ids in Slack's form, derived from names, so that an id means the same channel or person in the next run of the
 * sandbox, and a journal from an earlier run stays usable.
 */
import { createHash } from 'node:crypto';

const ID_LENGTH = 10;

export const BOT = { userId: 'U0RELAYBOT', botId: 'B0RELAYBOT', appId: 'A0RELAYAPP', teamId: 'T0SANDBOX' } as const;

const CHANNEL_NAME = /^[\p{Ll}\p{Lo}\p{M}\p{N}_-]{1,80}$/u;
const CHANNEL_ID = /^[CG][A-Z0-9]{8,20}$/;
const DM_ID = /^D[A-Z0-9]{8,20}$/;
const USER_ID = /^[UW][A-Z0-9]{5,20}$/;

export function channelId(name: string): string {
  return `C${digest(name)}`;
}

export function userId(email: string): string {
  return `U${digest(email.toLowerCase())}`;
}

/** The direct conversation with a user: the same characters under another first letter, so that it can be undone. */
export function dmId(user: string): string {
  return `D${user}`;
}

export function userOfDm(dm: string): string {
  const user = dm.slice(1);
  return USER_ID.test(user) ? user : `U${user}`;
}

export function isChannelName(name: string): boolean {
  return CHANNEL_NAME.test(name);
}

export function idKind(reference: string): 'channel' | 'dm' | 'user' | null {
  if (CHANNEL_ID.test(reference)) return 'channel';
  if (DM_ID.test(reference)) return 'dm';
  return USER_ID.test(reference) ? 'user' : null;
}

function digest(text: string): string {
  const number = BigInt(`0x${createHash('sha256').update(text).digest('hex')}`);
  return number.toString(36).toUpperCase().slice(0, ID_LENGTH).padStart(ID_LENGTH, '0');
}
