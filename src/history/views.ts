/**
 * What the admin listener answers to the dashboard: shapes and names only, so that a page can take them along without
 * any code. Times are ISO 8601, in UTC; lists are paged by key: `next` is what to ask for as `before` (null: the end).
 */
import type { Role } from '../core/actor.ts';
import type { DeliveryState, NoTarget, Target } from '../core/delivery.ts';
import type { MessageView, RouteView } from '../routing/route-view.ts';
import type { DeliveryOutcome } from './outcomes.ts';

/** GET /api/status */
export interface StatusView {
  readonly service: 'alo-relay';
  readonly version: string;
  /** The journal's file, or its database without secrets. */
  readonly journal: string;
  readonly deliveries: Readonly<Record<DeliveryState, number>>;
  /** As GET /readyz and the overview say it. */
  readonly ready: boolean;
  readonly checks: OverviewView['checks'];
  readonly started_at: string;
  /** This process among those that share the journal; null where it has the journal to itself. */
  readonly instance: string | null;
  /** The admin listener asks for a token or a session. */
  readonly token_required: boolean;
  /** Of whoever asked. */
  readonly role: Role;
}

interface ConfigProblem {
  readonly file: string;
  /** From 1, as is the column. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string | null;
}

/** GET /api/overview, and the data of the live event `overview` */
export interface OverviewView {
  readonly ready: boolean;
  /** `detail`: what is wrong, or works less well than it could; null where nothing is. */
  readonly checks: readonly {
    readonly name: 'journal' | 'slack' | 'config';
    readonly ok: boolean;
    readonly detail: string | null;
    /** The journal's or Slack's own code for it, or `unreachable` for an outage of Slack; null where there is none. */
    readonly code: string | null;
    /** Since when it is like that, where that is known. */
    readonly since: string | null;
  }[];
  readonly config: {
    readonly file: string;
    /** When the rules in force were loaded. */
    readonly loaded_at: string;
    /** Of the last reload, which was refused for them; empty where it was not. */
    readonly problems: readonly ConfigProblem[];
  };
  readonly tally: Readonly<Record<DeliveryState, number>>;
  readonly lanes: {
    /** Lanes with something unfinished. */
    readonly unfinished: number;
    /** When the oldest unfinished delivery was accepted; null where there is none. */
    readonly oldest_at: string | null;
  };
  /** Each configured source, and whether it has been silent for too long. See silence.ts for the rule. */
  readonly sources: readonly {
    readonly source: string;
    /** When its last event came in, duplicates included; null where none is known. */
    readonly last_at: string | null;
    /** The median of the gaps between its events, to the minute; null where too little is known. */
    readonly usual_seconds: number | null;
    readonly silent: boolean;
  }[];
}

export interface SeriesPoint {
  /** Where the step begins. */
  readonly at: string;
  readonly accepted: number;
  readonly duplicate: number;
  readonly refused: number;
  readonly sent: number;
  readonly merged: number;
  readonly dead: number;
  readonly parked: number;
  /** Attempts after which a delivery waits to be tried again. */
  readonly retried: number;
  /** From the request's arrival to its answer. Null where nothing was measured, as in the three below. */
  readonly accept_p50_ms: number | null;
  readonly accept_p99_ms: number | null;
  /** From accepted to sent or merged. */
  readonly delivery_p50_ms: number | null;
  readonly delivery_p99_ms: number | null;
}

/**
 * GET /api/series?minutes=60 (1 to 1440): what all instances did, across restarts. Events and endings agree with the
 * lists; a delivery counts in the minute in which it ended, in the state that it has now.
 */
export interface SeriesView {
  readonly step_seconds: number;
  /** Oldest first, without gaps; the last is still being counted. */
  readonly points: readonly SeriesPoint[];
}

/** One row of a list of events. */
export interface EventRow {
  /** The relay's own number for it. */
  readonly number: number;
  /** The sender's. */
  readonly id: string;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  /** What it is about, in one line of plain text; null where that is not known. */
  readonly title: string | null;
  readonly received_at: string;
  /** How many deliveries are in which state; empty where no route made one. */
  readonly states: Readonly<Partial<Record<DeliveryState, number>>>;
}

/** GET /api/events?source=&topic=&state=&subject=&channel=&since=&until=&text=&before=&limit= */
export interface EventPage {
  /** Newest first. May be fewer than asked for, even none, with a `next`: the search has stopped to let others work. */
  readonly events: readonly EventRow[];
  readonly next: number | null;
  /** When the last event that was looked at was received: so far back the search has come. Null: to the end. */
  readonly searched_until: string | null;
}

export interface AttemptView {
  /** When it ended. */
  readonly at: string;
  /** How long it took; null where that was not kept. */
  readonly ms: number | null;
  /** `sent`, `merged`, `superseded`, `dead`, `parked`, or `retry`: it was put off. */
  readonly outcome: string;
  readonly code: string | null;
  readonly detail: string | null;
}

/** A delivery on its event's page. */
export interface DeliveryView extends DeliveryOutcome {
  readonly target: Target | NoTarget;
  /** What it does: `card in #alo-actions`. */
  readonly words: string;
  /** Oldest first, at most the newest 50. */
  readonly tries: readonly AttemptView[];
  /** By today's template; null where it cannot be rendered (see `fault`), and for a reaction. */
  readonly message: MessageView | null;
  readonly fault: string | null;
  /** The message in Slack; null while there is none. */
  readonly permalink: string | null;
}

/** GET /api/events/<number>/view */
export interface EventView {
  readonly event: Omit<EventRow, 'states'> & { readonly occurred_at: string | null };
  readonly received: {
    readonly bytes: number;
    /** Null for what was accepted before these were kept, and for the relay's own reports. */
    readonly verified: {
      readonly scheme: string;
      /** Which of the source's secrets, from 1. */
      readonly secret: number;
      readonly of: number;
    } | null;
    /** As the signature says. */
    readonly signed_at: string | null;
    /** `keep_until`: until then the same key is a duplicate. */
    readonly dedupe: { readonly key: string; readonly keep_until: string } | null;
    /** How often it came again with another body, and when it last did; null: never. */
    readonly conflicts: { readonly count: number; readonly last_at: string } | null;
    readonly request_id: string | null;
    readonly traceparent: string | null;
  };
  /** The body parsed, its text where it is not JSON; null where it is cut. */
  readonly payload: unknown;
  /** The beginning of a body that is too large to be shown, and how much of it that is; else null. */
  readonly payload_cut: { readonly text: string; readonly shown_bytes: number } | null;
  /** By today's rules, as `explain --json` says it; null for the relay's own reports, which no route takes. */
  readonly routes: readonly RouteView[] | null;
  readonly deliveries: readonly DeliveryView[];
}
