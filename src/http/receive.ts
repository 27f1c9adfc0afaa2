/** `POST /webhooks/<source>`: a raw body in, an answer out once the event is on disk. */
import type { Context, Middleware } from 'koa';
import { clientAddress } from '../core/client-address.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { eventTitle } from '../core/event-title.ts';
import type { Logger } from '../core/log.ts';
import { NO_TELEMETRY, type Telemetry, type WebhookFacts } from '../core/telemetry.ts';
import type { Accept, AcceptResult } from '../relay/accept/accept.ts';
import type { Source } from '../sources/source.ts';
import { BodyBudget, type BodyLimits } from './body-budget.ts';
import { BoundedLog } from './bounded-log.ts';
import { codeOf, HTTP_ERRORS, type HttpErrorCode } from './errors.ts';

export interface ReceiveParts {
  /** As configured now. */
  readonly source: (name: string) => Source | undefined;
  readonly accept: Accept;
  /** As configured now. */
  readonly limits: () => BodyLimits;
  /** Whether the address is that of a proxy whose X-Forwarded-For is believed. */
  readonly trustsProxy: (address: string) => boolean;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Told of every webhook for a source that there is. */
  readonly telemetry?: Pick<Telemetry, 'webhook'>;
  readonly clock?: Clock;
}

/** What the headers alone refuse is refused before a byte of the body is read. */
export function receive(parts: ReceiveParts): Middleware {
  const { source: find, accept, log, telemetry = NO_TELEMETRY, clock = systemClock } = parts;
  const bodies = new BodyBudget(parts.limits, clock);
  const warnings = new BoundedLog(log, clock);

  function refused(context: Context, { source, code, ms }: { source: Source; code: string; ms: number }): void {
    const client = clientAddress(context.req, parts.trustsProxy);
    const kind = { message: 'webhook refused', source: source.name };
    warnings.warn(kind, { code, client, request_id: context.state.requestId });
    telemetry.webhook({ ...REFUSED, at: clock.now(), source: source.name, ms, code });
  }

  /** Once per event. */
  function conflicting(context: Context, source: Source, event: string): void {
    const client = clientAddress(context.req, parts.trustsProxy);
    const kind = { message: 'a webhook came again with another body; the first one counts', source: source.name };
    warnings.warn(kind, { code: OTHER_BODY, client, event, request_id: context.state.requestId });
  }

  return async (context) => {
    const source = find(context.params.source);
    if (source === undefined) return fail(context, 'unknown-source');
    const { headers } = context.req;
    const claims = source.claims(headers, clock.now());
    if (!claims.ok) {
      respond(context, { kind: 'refused', refusal: claims.refusal });
      return refused(context, { source, code: claims.refusal.code, ms: 0 });
    }
    const body = await bodies.read(context.req);
    if (typeof body === 'string') {
      // What is still coming is not read: the connection cannot be used again.
      context.set('connection', 'close');
      fail(context, body);
      return refused(context, { source, code: body, ms: 0 });
    }
    const started = performance.now();
    const { requestId } = context.state;
    const answer = await accept(source, { headers, body, requestId, claims }).catch((error: unknown) => {
      const ms = performance.now() - started;
      telemetry.webhook({ ...REFUSED, at: clock.now(), source: source.name, ms, code: codeOf(error) });
      throw error;
    });
    respond(context, answer);
    const ms = performance.now() - started;
    if (answer.kind === 'refused') return refused(context, { source, code: answer.refusal.code, ms });
    telemetry.webhook({ ...webhookFacts(answer), at: clock.now(), source: source.name, ms });
    const line = { request_id: requestId, source: source.name, ...described(answer), ms: Math.round(ms * 10) / 10 };
    log.info(line, 'webhook');
    if (answer.kind === 'duplicate' && answer.conflict?.count === 1) conflicting(context, source, answer.event.id);
  };
}

function respond(context: Context, answer: AcceptResult): void {
  if (answer.kind === 'refused') {
    context.status = answer.refusal.code === 'body-too-large' ? 413 : 401;
    context.body = { error: answer.refusal };
  } else {
    if (answer.kind === 'accepted' && FIT_FOR_HEADER.test(answer.event.id)) context.set('event-id', answer.event.id);
    context.body = answer.kind === 'challenge' ? { challenge: answer.challenge } : {};
  }
}

/** A header that cannot be set would fail an event that is on disk. */
const FIT_FOR_HEADER = /^[!-~]+$/;

const OTHER_BODY = 'other-body';

const REFUSED = { outcome: 'refused', eventSeq: null, topic: null, subject: null, title: null, deliveries: 0 } as const;

type Taken = Exclude<AcceptResult, { kind: 'refused' }>;

function webhookFacts(answer: Taken): Omit<WebhookFacts, 'at' | 'source' | 'ms'> {
  const { kind: outcome } = answer;
  if (answer.kind === 'challenge') return { ...REFUSED, outcome: answer.kind, code: null };
  const { topic, subject } = answer.event;
  const facts = { outcome, code: null, topic, subject, title: eventTitle(answer.event) };
  if (answer.kind === 'duplicate') {
    const { conflict } = answer;
    return { ...facts, code: conflict && OTHER_BODY, eventSeq: conflict?.eventSeq ?? null, deliveries: 0 };
  }
  return { ...facts, eventSeq: answer.eventSeq, deliveries: answer.plan.deliveries.length };
}

/** The canonical line of a webhook, without anything a sender wrote but ids and names. */
function described(answer: Taken): Record<string, unknown> {
  if (answer.kind === 'challenge') return { outcome: 'challenge' };
  const { id, topic, subject } = answer.event;
  const event = { outcome: answer.kind, event: id, topic, subject };
  if (answer.kind === 'duplicate') return event;
  const { deliveries } = answer.plan;
  const notes = [...answer.notes, ...answer.plan.notes];
  return {
    ...event,
    deliveries: deliveries.length,
    ...(notes.length > 0 && { notes }),
    ...(!answer.decoded && { body: 'kept as it came: its Content-Encoding could not be undone' }),
  };
}

/** Answers with an entry of the catalogue. */
export function fail(context: Context, code: HttpErrorCode): void {
  const { status, message, ...rest } = HTTP_ERRORS[code];
  context.status = status;
  if ('headers' in rest) context.set(rest.headers);
  context.body = { error: { code, message } };
}
