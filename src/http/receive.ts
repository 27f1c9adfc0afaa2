/** `POST /webhooks/<source>`: a raw body in, an answer out once the event is on disk. */
import type { Context, Middleware } from 'koa';
import rawBody from 'raw-body';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { NO_TELEMETRY, type Telemetry, type WebhookFacts } from '../core/telemetry.ts';
import type { Accept, Answer } from '../relay/accept.ts';
import type { Source } from '../sources/source.ts';
import { HTTP_ERRORS, type HttpErrorCode } from './errors.ts';

export interface ReceiveParts {
  /** As configured now. */
  readonly source: (name: string) => Source | undefined;
  readonly accept: Accept;
  readonly bodyLimitBytes: () => number;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Told of every webhook for a source that there is. */
  readonly telemetry?: Pick<Telemetry, 'webhook'>;
  readonly clock?: Pick<Clock, 'now'>;
}

/** Reads the whole body first: only then is there something to verify. */
export function receive(parts: ReceiveParts): Middleware {
  const { source: find, accept, bodyLimitBytes, log, telemetry = NO_TELEMETRY, clock = systemClock } = parts;
  return async (context) => {
    const source = find(context.params.source);
    if (source === undefined) return fail(context, 'unknown-source');
    const body = await readBody(context, bodyLimitBytes());
    if (typeof body === 'string') {
      log.warn({ request_id: context.state.requestId, source: source.name, outcome: body }, 'webhook');
      telemetry.webhook({ ...REFUSED, at: clock.now(), source: source.name, ms: 0, code: body });
      return fail(context, body);
    }
    const started = performance.now();
    const { requestId } = context.state;
    const answer = await accept(source, { headers: context.req.headers, body, requestId }).catch((error: unknown) => {
      const ms = performance.now() - started;
      telemetry.webhook({ ...REFUSED, at: clock.now(), source: source.name, ms, code: 'unavailable' });
      throw error;
    });
    respond(context, answer);
    const tookMs = performance.now() - started;
    telemetry.webhook({ ...factsOf(answer), at: clock.now(), source: source.name, ms: tookMs });
    const ms = Math.round(tookMs * 10) / 10;
    const line = { request_id: context.state.requestId, source: source.name, ...described(answer), ms };
    if (answer.kind === 'refused') log.warn(line, 'webhook');
    else log.info(line, 'webhook');
  };
}

function respond(context: Context, answer: Answer): void {
  if (answer.kind === 'refused') {
    context.status = 401;
    context.body = { error: answer.refusal };
  } else {
    context.body = answer.kind === 'challenge' ? { challenge: answer.challenge } : {};
  }
}

const REFUSED = { outcome: 'refused', eventSeq: null, topic: null, subject: null, deliveries: 0 } as const;

function factsOf(answer: Answer): Omit<WebhookFacts, 'at' | 'source' | 'ms'> {
  const { kind: outcome } = answer;
  if (answer.kind === 'refused') return { ...REFUSED, code: answer.refusal.code };
  if (answer.kind === 'challenge') return { ...REFUSED, outcome: answer.kind, code: null };
  const { topic, subject } = answer.event;
  const facts = { outcome, code: null, topic, subject };
  if (answer.kind === 'duplicate') return { ...facts, eventSeq: null, deliveries: 0 };
  return { ...facts, eventSeq: answer.eventSeq, deliveries: answer.plan.deliveries.length };
}

/** The canonical line of a webhook, without anything a sender wrote but ids and names. */
function described(answer: Answer): Record<string, unknown> {
  if (answer.kind === 'refused') return { outcome: 'refused', code: answer.refusal.code };
  if (answer.kind === 'challenge') return { outcome: 'challenge' };
  const { id, topic, subject } = answer.event;
  const event = { outcome: answer.kind, event: id, topic, subject };
  if (answer.kind === 'duplicate') return event;
  const { deliveries, notes } = answer.plan;
  return { ...event, deliveries: deliveries.length, ...(notes.length > 0 && { notes }) };
}

async function readBody(context: Context, limit: number): Promise<Buffer | HttpErrorCode> {
  try {
    return await rawBody(context.req, { limit, length: context.req.headers['content-length'] ?? null });
  } catch (error) {
    const kind = error instanceof Error && 'type' in error ? error.type : null;
    if (kind === 'entity.too.large') {
      // What is still coming is not read: the connection cannot be used again.
      context.set('connection', 'close');
      return 'body-too-large';
    }
    return 'body-incomplete';
  }
}

/** Answers with an entry of the catalogue. */
export function fail(context: Context, code: HttpErrorCode): void {
  const { status, message, ...rest } = HTTP_ERRORS[code];
  context.status = status;
  if ('headers' in rest) context.set(rest.headers);
  context.body = { error: { code, message } };
}
