/** One attempt: at a delivery, at a card's newest update, at a message for several. What came of it is recorded. */
import type { DeliverySettings } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import { destinationOf, FAILED_STATES } from '../../core/delivery.ts';
import { eventTitle } from '../../core/event-title.ts';
import type { Logger } from '../../core/log.ts';
import type { Reason } from '../../core/outcome.ts';
import type { AttemptFacts, Telemetry } from '../../core/telemetry.ts';
import { NO_TRACING, type SpanAttributes, type Tracing } from '../../core/tracing.ts';
import type { Completion, Journal, QueuedDelivery, Retry } from '../../journal/contract.ts';
import type { Delivered } from '../../verbs/verb.ts';
import type { Deliver } from '../../verbs/verbs.ts';
import type { SlackHealth } from '../health.ts';
import { type MergedMessage, ownFault } from '../merge/merged-message.ts';
import { RELAY_SOURCE } from '../upkeep/reports.ts';
import { type Decision, decide } from './decision.ts';
import { PAUSED_MS } from './rate-gate.ts';

export interface AttemptParts {
  readonly journal: Pick<Journal, 'complete' | 'retryLater'>;
  readonly deliver: Deliver;
  readonly health: Pick<SlackHealth, 'learn' | 'trouble'>;
  readonly settings: () => Pick<DeliverySettings, 'retry'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly telemetry?: Pick<Telemetry, 'attempt'>;
  readonly tracing?: Pick<Tracing, 'attempting'>;
  /** Something did not arrive, or may not have. */
  readonly onListed: () => void;
}

export interface Attempt {
  /** ms until the next attempt; null when what was tried has ended. */
  readonly retryInMs: number | null;
  /** Resolves when the journal knows. */
  readonly recorded: Promise<void>;
  /** False: it ended, and there is nothing of it in Slack. What was planned to build on it has to be planned anew. */
  readonly arrived: boolean;
}

/** `superseded`: older updates of the same card, which end when this one has been made. */
export async function attempt(
  delivery: QueuedDelivery,
  parts: AttemptParts,
  superseded: readonly QueuedDelivery[] = [],
): Promise<Attempt> {
  const { decision, ms, report } = await tryIt([delivery], () => parts.deliver(delivery), parts);
  if (decision.kind === 'again') {
    report({ state: null });
    // What it would have superseded waits with it.
    const along = superseded.map(({ seq, attempts }) => ({ ...decision.retry, seq, attempts, doubt: null }));
    return again(decision, [{ ...decision.retry, ms }, ...along], parts);
  }
  const { at, state } = decision.completion;
  const made = state === 'sent' || state === 'superseded';
  const older = made ? superseded.map(({ seq }): Completion => ({ seq, at, state: 'superseded' })) : [];
  report({ state, superseded: older.length });
  return { ...end([kept(decision.completion, delivery, ms), ...older], [delivery], parts), arrived: made };
}

export interface MergedAttempt extends Attempt {
  /** The message itself is at fault: each of its deliveries is to be tried by itself. */
  readonly ownFault: boolean;
}

/** Of at least one delivery. */
export async function attemptMerged(
  { members, group, send }: MergedMessage,
  parts: AttemptParts,
): Promise<MergedAttempt> {
  const [lead, ...others] = members;
  if (lead === undefined) throw new RangeError('A message for nobody.');
  const { decision, delivered, ms, report } = await tryIt([lead, ...others], () => send(lead.doubt), parts);
  const reason = ownFault(delivered);
  const verbs = members.map(({ target }) => target.verb);
  if (reason !== null) {
    report({ state: null, verbs });
    return { ...separate(members, reason, { ...parts, ms }), ownFault: true };
  }
  report({ state: decision.kind === 'end' ? mergedAs(decision.completion.state) : null, verbs });
  const recorded =
    decision.kind === 'end'
      ? endMerged(members, decision, { ...parts, ms })
      : againMerged({ members, group }, decision, { ...parts, ms });
  return { ...recorded, ownFault: false };
}

interface MeasuredParts extends AttemptParts {
  /** How long the attempt took. */
  readonly ms: number;
}

/** Back to where each was before. */
function separate(members: readonly QueuedDelivery[], reason: Reason, parts: MeasuredParts): Attempt {
  const { journal, clock, ms } = parts;
  const at = clock.now();
  const back = { at, dueAt: at, reason, doubt: null, group: null, ms };
  const recorded = journal.retryLater(...members.map(({ seq, attempts }) => ({ ...back, seq, attempts })));
  return { retryInMs: null, recorded, arrived: true };
}

function againMerged(
  { members, group: together }: Pick<MergedMessage, 'members' | 'group'>,
  decision: Extract<Decision, { kind: 'again' }>,
  parts: MeasuredParts,
): Attempt {
  const { doubt, attempts } = decision.retry;
  const tried = attempts - (members[0]?.attempts ?? 0);
  const group = doubt === null ? null : together;
  const retries = members.map(
    (member): Retry => ({
      ...decision.retry,
      seq: member.seq,
      attempts: member.attempts + tried,
      group,
      ms: parts.ms,
    }),
  );
  return again(decision, retries, parts);
}

function endMerged(
  members: readonly QueuedDelivery[],
  { completion }: Extract<Decision, { kind: 'end' }>,
  parts: MeasuredParts,
): Attempt {
  const state = mergedAs(completion.state);
  // What was learnt of the channel is stored with the first alone.
  const { channel: _, ...alike } = completion;
  const completions = members.map((member) => {
    const { seq } = member;
    return kept({ ...(seq === completion.seq ? completion : alike), seq, state }, member, parts.ms);
  });
  return end(completions, members, parts);
}

function mergedAs(state: Completion['state']): Completion['state'] {
  return state === 'sent' ? 'merged' : state;
}

/** Of what went out at the first attempt, which is nearly all, the delivery itself says everything. */
function kept(completion: Completion, delivery: QueuedDelivery, ms: number): Completion {
  const { attempts, doubt, dueAt, dueSetAt, acceptedAt } = delivery;
  const first = attempts === 0 && doubt === null && dueAt === acceptedAt && dueSetAt === acceptedAt;
  const listed = FAILED_STATES.some((state) => state === completion.state);
  return first && !listed ? completion : { ...completion, ms };
}

interface Tried {
  readonly delivered: Delivered;
  readonly decision: Decision;
  /** How long it took. */
  readonly ms: number;
  /** Writes the canonical line, and tells whoever counts. */
  report(result: Result): void;
}

interface Result {
  /** What became of it; null: it is to be tried again. */
  readonly state: Completion['state'] | null;
  /** Each delivery's, where they went out together. */
  readonly verbs?: readonly string[];
  /** Older updates of the card, which end with it. */
  readonly superseded?: number;
}

async function tryIt(
  members: readonly [QueuedDelivery, ...QueuedDelivery[]],
  send: () => Promise<Delivered>,
  parts: AttemptParts,
): Promise<Tried> {
  const { clock, random, settings, health, tracing = NO_TRACING } = parts;
  const [delivery] = members;
  const startedAt = clock.now();
  const started = clock.monotonic();
  const span = tracing.attempting(members.map(({ trace = null }) => trace));
  const delivered = await span.during(send);
  if (delivered.kind === 'failed') health.learn(delivered.failure);
  else if (delivered.kind === 'ended' && delivered.ending.state === 'sent') health.learn({ kind: 'sent', value: null });
  const decision = decide(delivery, delivered, { startedAt, at: clock.now(), retry: settings().retry, random });
  const ms = clock.monotonic() - started;
  const report = (result: Result) => {
    const { verbs } = result;
    const more = verbs === undefined ? {} : { deliveries: verbs.length };
    logAttempt(delivery, decision, { log: parts.log, ms, more });
    const facts = attemptFacts(delivery, decision, { ...result, ms, at: clock.now() });
    parts.telemetry?.attempt(facts);
    span.end(attributesOf(facts), facts.code !== null);
  };
  return { delivered, decision, ms, report };
}

function again(
  { inMs }: Extract<Decision, { kind: 'again' }>,
  retries: readonly Retry[],
  { health, journal }: AttemptParts,
): Attempt {
  // A lane that is paused is woken; one that may look or send again at once does.
  const retryInMs = health.trouble() === null ? Math.max(1, inMs) : PAUSED_MS;
  return { retryInMs, recorded: journal.retryLater(...retries), arrived: true };
}

function end(completions: readonly Completion[], deliveries: readonly QueuedDelivery[], parts: AttemptParts): Attempt {
  return { retryInMs: null, recorded: complete(completions, deliveries, parts), arrived: true };
}

async function complete(
  completions: readonly Completion[],
  deliveries: readonly QueuedDelivery[],
  { journal, onListed }: AttemptParts,
): Promise<void> {
  const listed = completions.some(({ state }) => FAILED_STATES.some((one) => one === state));
  if (!listed) return journal.complete(...completions);
  // A report that does not arrive is not reported in its turn.
  const unreported = deliveries.some(({ event }) => event.source === RELAY_SOURCE);
  await journal.complete(...completions.map((completion) => ({ ...completion, unreported })));
  if (!unreported) onListed();
}

function attemptFacts(
  { seq, lane, route, target, eventSeq, event, acceptedAt }: QueuedDelivery,
  decision: Decision,
  result: Result & Pick<AttemptFacts, 'at' | 'ms'>,
): AttemptFacts {
  const { source, topic, subject } = event;
  const code = reasonOf(decision)?.code ?? null;
  const about = { delivery: seq, eventSeq, source, topic, subject, title: eventTitle(event) };
  const of = { ...about, deliveries: result.verbs?.length ?? 1, acceptedAt };
  return { ...result, ...of, verb: target.verb, lane, destination: destinationOf(target), route, code };
}

/** Of its span. A lane is not among them: it may be named by an e-mail address. */
function attributesOf({
  source,
  delivery,
  eventSeq,
  route,
  verb,
  deliveries,
  state,
  code,
}: AttemptFacts): SpanAttributes {
  return {
    'alo_relay.source': source,
    'alo_relay.event.number': eventSeq,
    'alo_relay.delivery': delivery,
    'alo_relay.deliveries': deliveries,
    'alo_relay.route': route,
    'alo_relay.verb': verb,
    'alo_relay.outcome': state ?? 'retry',
    ...(code !== null && { 'error.type': code }),
  };
}

function reasonOf(decision: Decision): Reason | undefined {
  return decision.kind === 'end' ? decision.completion.reason : decision.retry.reason;
}

/** The canonical line of an attempt. */
function logAttempt(
  delivery: QueuedDelivery,
  decision: Decision,
  { log, ms, more }: { log: AttemptParts['log']; ms: number; more: object },
): void {
  const { seq, lane, route, target, event } = delivery;
  const ended = decision.kind === 'end';
  const reason = reasonOf(decision);
  const line = {
    delivery: seq,
    source: event.source,
    event: event.id,
    lane,
    route,
    verb: target.verb,
    attempt: delivery.attempts + 1,
    outcome: ended ? decision.completion.state : 'retry',
    ...more,
    ...(reason && { code: reason.code, detail: reason.detail }),
    ...(ended ? decision.completion.placement : { retry_in_ms: decision.inMs }),
    ms: Math.round(ms * 10) / 10,
  };
  if (reason === undefined) log.info(line, 'delivery');
  else log.warn(line, 'delivery');
}
