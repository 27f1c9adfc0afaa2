/** User groups by their handles: all of them are listed at once, and kept for a while. */
import { LRUCache } from 'lru-cache';
import { type Clock, expiringBy, MINUTE_MS } from '../core/clock.ts';
import { type Outcome, sent } from '../core/outcome.ts';
import type { Call } from './call.ts';
import { objectsAt, textAt } from './response-fields.ts';

export interface Groups {
  /** `handle`: without `@`. Null where no group that is in use has it. */
  idOf(handle: string): Promise<Outcome<string | null>>;
  /** The ids of all groups in use, by their handles in lower case. */
  list(): Promise<Outcome<ReadonlyMap<string, string>>>;
}

const LIST_KEPT_MS = 10 * MINUTE_MS;

export function createGroups({ call, clock }: { call: Call; clock: Pick<Clock, 'monotonic'> }): Groups {
  const kept = new LRUCache<'all', ReadonlyMap<string, string>>({ max: 1, ttl: LIST_KEPT_MS, ...expiringBy(clock) });

  async function list(): Promise<Outcome<ReadonlyMap<string, string>>> {
    const known = kept.get('all');
    if (known !== undefined) return sent(known);
    const outcome = await call('usergroups.list', {}, handlesIn);
    if (outcome.kind === 'sent') kept.set('all', outcome.value);
    return outcome;
  }

  return {
    list,
    async idOf(handle) {
      const groups = await list();
      return groups.kind === 'sent' ? sent(groups.value.get(handle.toLowerCase()) ?? null) : groups;
    },
  };
}

function handlesIn(answer: object): ReadonlyMap<string, string> | undefined {
  const groups = objectsAt(answer, 'usergroups');
  if (groups === undefined) return undefined;
  const ids = new Map<string, string>();
  for (const group of groups) {
    const [handle, id] = [textAt(group, 'handle'), textAt(group, 'id')];
    if (handle !== undefined && id !== undefined) ids.set(handle.toLowerCase(), id);
  }
  return ids;
}
