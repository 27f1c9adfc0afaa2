/** What GET /api/live tells as it happens, as Server-Sent Events. See views.ts for what holds of all shapes. */
import type { DeliveryState } from '../core/delivery.ts';

/** Webhooks that came in, and attempts at deliveries. */
export type ActivityItem = WebhookActivity | DeliveryActivity;

interface WebhookActivity {
  readonly kind: 'accepted' | 'duplicate' | 'refused';
  readonly at: string;
  readonly source: string;
  /** The event's own; null for what was refused, of which nothing is believed, and for most duplicates. */
  readonly number: number | null;
  readonly topic: string | null;
  readonly subject: string | null;
  readonly title: string | null;
  /** Why it was refused; `other-body` for a duplicate whose body is not the one that was accepted. */
  readonly code: string | null;
}

interface DeliveryActivity {
  readonly kind: 'delivery';
  readonly at: string;
  /** Its number, and its event's. */
  readonly delivery: number;
  readonly number: number;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly title: string | null;
  readonly lane: string;
  /** Where it goes, as people call it; null where nothing was made. */
  readonly destination: string | null;
  /** Null after an attempt that is to be repeated. */
  readonly state: DeliveryState | null;
  readonly code: string | null;
}

/**
 * The data of `event: activity`, at most four a second, and of `event: recent`, at the start: what came before it. The
 * data of `event: overview` is an OverviewView: at the start, and whenever it changes.
 */
export interface ActivityBatch {
  /** In order. */
  readonly items: readonly ActivityItem[];
  /** How many more there were than can be told. */
  readonly left_out: number;
}
