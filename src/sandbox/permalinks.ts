/**
 * Links to messages, as Slack writes them: `/archives/C123/p1700000000000100`, with `?thread_ts=` for a reply. The page
 * shows where they lead in its fragment: `#C123/p1700000000.000100`, and for a reply `#C123/<thread>/p<reply>`.
 */

import type { Message } from './message.ts';

/** `base`: the workspace's address, with a slash at the end. */
export function permalink(base: string, channel: string, { ts, threadTs }: Pick<Message, 'ts' | 'threadTs'>): string {
  const link = `${base}archives/${channel}/p${ts.replace('.', '')}`;
  return threadTs === undefined ? link : `${link}?thread_ts=${threadTs}&cid=${channel}`;
}

/** Where on the page it leads; null for what is no such link. */
export function placeOnPage({ pathname, searchParams }: URL): string | null {
  const [, channel, seconds, micros] =
    /^\/archives\/([CDG][A-Z0-9]{8,20})(?:\/p(\d{1,12})(\d{6}))?\/?$/.exec(pathname) ?? [];
  if (channel === undefined) return null;
  const thread = /^\d{1,12}\.\d{6}$/.exec(searchParams.get('thread_ts') ?? '')?.[0];
  const ts = seconds === undefined ? [] : [`p${seconds}.${micros}`];
  const place = [channel, ...(thread === undefined ? [] : [thread]), ...ts].join('/');
  return `/#${place}`;
}
