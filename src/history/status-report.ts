/** How the service is, in one answer: for `alo-relay status`. Without a service, what its journal alone can say. */
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { DELIVERY_STATES, FAILED_STATES } from '../core/delivery.ts';
import type { Backlog, Journal } from '../journal/contract.ts';
import { searchEvents } from './event-search.ts';
import type { LanePage } from './lane-view.ts';
import { deliveryOutcome, deliveryOutcomeSchema } from './outcomes.ts';

/** GET /api/report */
export const statusReport = z.object({
  /** Null: no service was asked. */
  service: z
    .object({
      version: z.string(),
      started_at: z.string(),
      /** The host of the Slack workspace; null before Slack said it. */
      workspace: z.string().nullable(),
      /** As GET /api/status has them. */
      checks: z.array(
        z.object({ name: z.string(), ok: z.boolean(), detail: z.string().nullable(), since: z.string().nullable() }),
      ),
    })
    .nullable(),
  /** `bytes`: of the file with its log; null where it is not one. */
  journal: z.object({ place: z.string(), bytes: z.number().nullable() }),
  deliveries: z.record(z.enum(DELIVERY_STATES), z.number()),
  /** When the last event came; null: none did, as far back as was looked. */
  sources: z.array(z.object({ name: z.string(), last_event_at: z.string().nullable() })),
  lanes: z.object({
    total: z.number(),
    /** Those that wait the longest. */
    longest: z.array(
      z.object({
        lane: z.string(),
        state: z.string(),
        until: z.string().nullable(),
        waiting: z.number(),
        reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
      }),
    ),
  }),
  /** The newest delivery that is dead or parked. */
  last_failure: deliveryOutcomeSchema.nullable(),
});

export type StatusReport = z.output<typeof statusReport>;

const LANES_SHOWN = 3;

export interface StatusReportParts extends Pick<StatusReport, 'service' | 'journal'> {
  readonly from: Pick<Journal, 'tally' | 'backlog' | 'deliveries' | 'search'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly sources: readonly string[];
  readonly lanesOf: (backlog: Backlog, limit: number) => LanePage;
}

/** Rejects as the journal does. */
export async function reportStatus(parts: StatusReportParts): Promise<StatusReport> {
  const { service, journal, from, clock, lanesOf } = parts;
  const [failed] = await from.deliveries({ states: FAILED_STATES, replayed: false, limit: 1 });
  const sources: StatusReport['sources'] = [];
  for (const name of parts.sources) {
    const { events } = await searchEvents({ source: name, limit: 1 }, { journal: from, clock });
    sources.push({ name, last_event_at: events[0]?.received_at ?? null });
  }
  const { total, lanes } = lanesOf(await from.backlog(LANES_SHOWN), LANES_SHOWN);
  const longest = lanes.map(({ lane, state, until, waiting, reason }) => ({ lane, state, until, waiting, reason }));
  return {
    ...{ service, journal, deliveries: await from.tally(), sources },
    lanes: { total, longest },
    last_failure: failed === undefined ? null : deliveryOutcome(failed),
  };
}
