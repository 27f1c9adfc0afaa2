/**
 * Accepting: from a raw request to an event that is on disk with everything it owes. The stages stand in the order
 * in which they must happen; nothing unverified gets past the first, and nothing is answered before the last.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import type { Envelope, RelayEvent } from '../core/event.ts';
import type { Journal } from '../journal/journal.ts';
import { type Plan, type PlanContext, plan } from '../routing/plan.ts';
import type { Route } from '../routing/route.ts';
import type { RawRequest, Refusal, Source } from '../sources/source.ts';

/** Ids remembered to answer a repeated webhook without asking the journal, which alone decides. */
const RECENT_IDS = 20_000;

export type Answer =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'duplicate'; readonly event: RelayEvent }
  | { readonly kind: 'accepted'; readonly event: RelayEvent; readonly plan: Plan };

export interface AcceptParts {
  readonly routes: readonly Route[];
  readonly planning: PlanContext;
  readonly journal: Pick<Journal, 'accept'>;
  /** Called for every lane that has something new, once it is on disk. */
  readonly wake: (lane: string) => void;
  readonly clock: Pick<Clock, 'now'>;
}

export type Accept = (source: Source, request: RawRequest) => Promise<Answer>;

/** Rejects only as the journal does: then nothing was stored, and the sender must send again. */
export function createAccept({ routes, planning, journal, wake, clock }: AcceptParts): Accept {
  /** Key → until when it counts, ms since the epoch. */
  const recent = new LRUCache<string, number>({ max: RECENT_IDS });

  return async (source, request) => {
    const now = clock.now();
    const verdict = source.verify(request, now);
    if (!verdict.ok) return { kind: 'refused', refusal: verdict.refusal };

    const { event, dedupe, challenge } = source.read(verdict.request, now);
    if (challenge !== null) return { kind: 'challenge', challenge };

    const id = `${source.name} ${dedupe.key}`;
    if ((recent.get(id) ?? 0) > now) return { kind: 'duplicate', event };

    const planned = plan(event, routes, planning);
    const { deliveries } = planned;
    const acceptance = await journal.accept({
      event: envelopeOf(event),
      body: verdict.request.body,
      dedupe,
      deliveries,
      receivedAt: now,
    });
    recent.set(id, dedupe.keepUntil);
    if (acceptance.kind === 'duplicate') return { kind: 'duplicate', event };

    for (const { lane } of deliveries) wake(lane);
    return { kind: 'accepted', event, plan: planned };
  };
}

function envelopeOf({ payload: _, ...envelope }: RelayEvent): Envelope {
  return envelope;
}
