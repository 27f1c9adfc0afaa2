/** An event's page: how it came in, what today's rules make of it, and what became of it. Loaded when first asked for. */
import type { Config } from '../config/config.ts';
import type { Placement } from '../core/delivery.ts';
import type { RelayEvent } from '../core/event.ts';
import { eventTitle } from '../core/event-title.ts';
import { writeJson } from '../core/json.ts';
import { type DryRunRules, dryRun, offlineRules } from '../dry-run/dry-run.ts';
import { explainJson, messageJson } from '../dry-run/explain-json.ts';
import { whereText } from '../dry-run/wording.ts';
import { deliveryOutcome } from '../history/outcomes.ts';
import type { AttemptView, DeliveryView, EventView } from '../history/views.ts';
import type { InspectedEvent, Journal, KeptAttempt } from '../journal/contract.ts';
import { RELAY_SOURCE, reportTemplate } from '../relay/upkeep/reports.ts';
import type { DecisionView, RouteView } from '../routing/route-view.ts';

type EventRules = DryRunRules & { readonly slack: Pick<Config['slack'], 'adminUrl'> };

export interface EventViewParts {
  readonly journal: Pick<Journal, 'inspect' | 'deliveries' | 'attempts'>;
  /** The one in force. */
  readonly config: () => EventRules;
  readonly permalink: (placement: Placement | null) => string | null;
}

/** A replay makes new ones each time; no page shows more. */
const MOST_DELIVERIES = 200;
/** A payload may name thousands of people. */
const MOST_PLANNED = 50;
const SHOWN_BYTES = 256 * 1024;

/** Null where there is none of that number. Rejects as the journal does. */
export async function eventView(
  seq: number,
  { journal, config, permalink }: EventViewParts,
): Promise<EventView | null> {
  const inspected = await journal.inspect(seq);
  if (inspected === null) return null;
  const newest = await journal.deliveries({ eventSeqs: [seq], limit: MOST_DELIVERIES });
  const attempts = await journal.attempts(newest.map((record) => record.seq));
  const rules = config();
  const { event } = inspected;
  const messages = messagesOf(event, rules);
  const views = newest.toReversed().map(async (record): Promise<DeliveryView> => {
    const { target } = record;
    const tries = attempts.filter(({ deliverySeq }) => deliverySeq === record.seq).map(attemptView);
    const rendered = target.template === undefined ? NO_MESSAGE : await messages(target.template);
    return {
      ...deliveryOutcome(record),
      target,
      words: whereText(target),
      tries,
      ...rendered,
      permalink: permalink(record.placement),
    };
  });
  return {
    event: eventFields(inspected),
    received: receivedOf(inspected),
    ...payloadOf(inspected),
    routes: event.source === RELAY_SOURCE ? null : await routesOf(event, inspected.receivedAt, rules),
    deliveries: await Promise.all(views),
  };
}

const NO_MESSAGE = { message: null, fault: null };

/** By today's templates, each rendered once. */
function messagesOf(event: RelayEvent, { people, colors, templates, delivery, slack }: EventRules) {
  const report = reportTemplate(slack.adminUrl);
  const { render } = offlineRules({
    people,
    colors,
    delivery,
    templates: new Map([...templates, [report.name, report]]),
  });
  const known = new Map<string, Promise<Pick<DeliveryView, 'message' | 'fault'>>>();
  const message = async (template: string) => {
    const outcome = await render(template, { event, thresholdHit: null });
    if (outcome.kind !== 'sent') return { message: null, fault: outcome.reason.detail };
    return { message: messageJson(outcome.value), fault: null };
  };
  return (template: string) => {
    const found = known.get(template) ?? message(template);
    known.set(template, found);
    return found;
  };
}

async function routesOf(event: RelayEvent, at: number, config: DryRunRules): Promise<RouteView[]> {
  const { routes } = explainJson(await dryRun(event, config, { at, mostDeliveries: MOST_PLANNED }));
  return routes.map((route) => ({ ...route, decided: shortened(route.decided), urgent: shortened(route.urgent) }));
}

/** Of a value that a condition looked at: it may be the whole payload. */
const LONGEST_VALUE = 2_000;

function shortened(decision: DecisionView | null): DecisionView | null {
  if (decision === null) return null;
  const looked = decision.looked_at.map((field) => ({ ...field, value: shortValue(field.value) }));
  return { ...decision, value: shortValue(decision.value), looked_at: looked };
}

function shortValue(value: unknown): unknown {
  const text = writeJson(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : value;
}

function eventFields({ seq, event, receivedAt }: InspectedEvent): EventView['event'] {
  const { id, source, topic, subject, occurred_at } = event;
  return {
    number: seq,
    id,
    source,
    topic,
    subject,
    title: eventTitle(event),
    occurred_at,
    received_at: iso(receivedAt),
  };
}

function receivedOf({ body, received, dedupe, trace, conflicts }: InspectedEvent): EventView['received'] {
  return {
    bytes: body.byteLength,
    verified: received === null ? null : { scheme: received.scheme, secret: received.secret, of: received.of },
    signed_at: received === null || received.signedAt === null ? null : iso(received.signedAt),
    dedupe: dedupe === null ? null : { key: dedupe.key, keep_until: iso(dedupe.keepUntil) },
    conflicts: conflicts === null ? null : { count: conflicts.count, last_at: iso(conflicts.lastAt) },
    request_id: received?.requestId ?? null,
    traceparent: trace,
  };
}

function payloadOf({ event, body }: InspectedEvent): Pick<EventView, 'payload' | 'payload_cut'> {
  // Of binary data, which may be longer, only a sentence is shown.
  const short = typeof event.payload === 'string' && event.payload.length <= SHOWN_BYTES / 3;
  if (short || body.byteLength <= SHOWN_BYTES) return { payload: event.payload, payload_cut: null };
  const text = new TextDecoder().decode(body.subarray(0, SHOWN_BYTES));
  return { payload: null, payload_cut: { text, shown_bytes: SHOWN_BYTES } };
}

function attemptView({ at, ms, outcome, reason }: KeptAttempt): AttemptView {
  return { at: iso(at), ms, outcome, code: reason?.code ?? null, detail: reason?.detail ?? null };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
