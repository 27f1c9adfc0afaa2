/** What the panel orders. */

import type { Condition } from '../sandbox/panel/outages.ts';
import type { SendOrder, SendResult } from '../sandbox/panel/sample-events.ts';

/** Rejects with an error for people. */
export function send(order: SendOrder): Promise<SendResult> {
  return post('send', order);
}

export function setOutage(condition: Condition, on: boolean): Promise<unknown> {
  return post('outages', { condition, on });
}

export function setArchived(channel: string, archived: boolean): Promise<unknown> {
  return post('archive', { channel, archived });
}

/** Ends every fault, and takes all channels out of the archive. */
export function allWell(): Promise<unknown> {
  return post('all-well', {});
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(`_sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('The sandbox does not answer.');
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer.error));
  return answer;
}
