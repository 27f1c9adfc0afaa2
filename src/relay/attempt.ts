/** One attempt: at a delivery, at a card's newest update, at a message for several. What came of it is recorded. */
import type { DeliverySettings } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { LISTED_STATES } from '../core/delivery.ts';
import type { Logger } from '../core/log.ts';
import type { Reason } from '../core/outcome.ts';
import type { Journal, Postponement, QueuedDelivery, Settlement } from '../journal/journal.ts';
import { type Decision, decide } from './decision.ts';
import type { Deliver, Delivered } from './deliver.ts';
import type { SlackHealth } from './health.ts';
import { RELAY_SOURCE } from './reports.ts';
import { ownFault, type Together } from './together.ts';
import { PAUSED_MS } from './turns.ts';

export interface AttemptParts {
  readonly journal: Pick<Journal, 'settle' | 'postpone'>;
  readonly deliver: Deliver;
  readonly health: Pick<SlackHealth, 'learn' | 'trouble'>;
  readonly settings: () => Pick<DeliverySettings, 'retry'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Something did not arrive, or may not have. */
  readonly onListed: () => void;
}

export interface Attempt {
  /** ms until the next attempt; null when what was tried has ended. */
  readonly retryInMs: number | null;
  /** Resolves when the journal knows. */
  readonly recorded: Promise<void>;
}

/** `superseded`: older updates of the same card, which end when this one has been made. */
export async function attempt(
  delivery: QueuedDelivery,
  parts: AttemptParts,
  superseded: readonly QueuedDelivery[] = [],
): Promise<Attempt> {
  const { decision, log } = await tryIt(delivery, () => parts.deliver(delivery), parts);
  log({});
  if (decision.kind === 'again') {
    // What it would have superseded waits with it.
    const along = superseded.map(({ seq, attempts }) => ({ ...decision.postponement, seq, attempts, doubt: null }));
    return again(decision, [decision.postponement, ...along], parts);
  }
  const { at, state } = decision.settlement;
  const made = state === 'sent' || state === 'superseded';
  const older = made ? superseded.map(({ seq }): Settlement => ({ seq, at, state: 'superseded' })) : [];
  return end([decision.settlement, ...older], [delivery], parts);
}

export interface AttemptTogether extends Attempt {
  /** The message itself is at fault: each of its deliveries is to be tried by itself. */
  readonly ownFault: boolean;
}

/** Of at least one delivery. */
export async function attemptTogether(
  { members, group, send }: Together,
  parts: AttemptParts,
): Promise<AttemptTogether> {
  const [lead] = members;
  if (lead === undefined) throw new RangeError('A message for nobody.');
  const { decision, delivered, log } = await tryIt(lead, () => send(lead.doubt), parts);
  log({ deliveries: members.length });
  const reason = ownFault(delivered);
  if (reason !== null) return { ...separate(members, reason, parts), ownFault: true };
  const recorded =
    decision.kind === 'end'
      ? endTogether(members, decision, parts)
      : againTogether({ members, group }, decision, parts);
  return { ...recorded, ownFault: false };
}

/** Back to where each was before. */
function separate(members: readonly QueuedDelivery[], reason: Reason, { journal, clock }: AttemptParts): Attempt {
  const at = clock.now();
  const back = { at, dueAt: at, reason, doubt: null, group: null };
  const recorded = journal.postpone(...members.map(({ seq, attempts }) => ({ ...back, seq, attempts })));
  return { retryInMs: null, recorded };
}

function againTogether(
  { members, group: together }: Pick<Together, 'members' | 'group'>,
  decision: Extract<Decision, { kind: 'again' }>,
  parts: AttemptParts,
): Attempt {
  const { doubt, attempts } = decision.postponement;
  const tried = attempts - (members[0]?.attempts ?? 0);
  const group = doubt === null ? null : together;
  const postponements = members.map(
    (member): Postponement => ({
      ...decision.postponement,
      seq: member.seq,
      attempts: member.attempts + tried,
      group,
    }),
  );
  return again(decision, postponements, parts);
}

function endTogether(
  members: readonly QueuedDelivery[],
  { settlement }: Extract<Decision, { kind: 'end' }>,
  parts: AttemptParts,
): Attempt {
  const state = settlement.state === 'sent' ? 'merged' : settlement.state;
  // What was learnt of the channel is stored with the first alone.
  const { channel: _, ...alike } = settlement;
  const settlements = members.map(
    ({ seq }): Settlement => ({ ...(seq === settlement.seq ? settlement : alike), seq, state }),
  );
  return end(settlements, members, parts);
}

interface Tried {
  readonly delivered: Delivered;
  readonly decision: Decision;
  /** Writes the canonical line. */
  log(more: object): void;
}

async function tryIt(delivery: QueuedDelivery, send: () => Promise<Delivered>, parts: AttemptParts): Promise<Tried> {
  const { clock, random, settings, health } = parts;
  const startedAt = clock.now();
  const started = clock.monotonic();
  const delivered = await send();
  if (delivered.kind === 'failed') health.learn(delivered.failure);
  else if (delivered.kind === 'ended' && delivered.ending.state === 'sent') health.learn({ kind: 'sent', value: null });
  const decision = decide(delivery, delivered, { startedAt, at: clock.now(), retry: settings().retry, random });
  const ms = clock.monotonic() - started;
  return { delivered, decision, log: (more) => logAttempt(delivery, decision, { log: parts.log, ms, more }) };
}

function again(
  { inMs }: Extract<Decision, { kind: 'again' }>,
  postponements: readonly Postponement[],
  { health, journal }: AttemptParts,
): Attempt {
  // A lane that is paused is woken; one that may look or send again at once does.
  const retryInMs = health.trouble() === null ? Math.max(1, inMs) : PAUSED_MS;
  return { retryInMs, recorded: journal.postpone(...postponements) };
}

function end(settlements: readonly Settlement[], deliveries: readonly QueuedDelivery[], parts: AttemptParts): Attempt {
  return { retryInMs: null, recorded: settle(settlements, deliveries, parts) };
}

async function settle(
  settlements: readonly Settlement[],
  deliveries: readonly QueuedDelivery[],
  { journal, onListed }: AttemptParts,
): Promise<void> {
  const listed = settlements.some(({ state }) => LISTED_STATES.some((one) => one === state));
  if (!listed) return journal.settle(...settlements);
  // A report that does not arrive is not reported in its turn.
  const unreported = deliveries.some(({ event }) => event.source === RELAY_SOURCE);
  await journal.settle(...settlements.map((settlement) => ({ ...settlement, unreported })));
  if (!unreported) onListed();
}

/** The canonical line of an attempt. */
function logAttempt(
  delivery: QueuedDelivery,
  decision: Decision,
  { log, ms, more }: { log: AttemptParts['log']; ms: number; more: object },
): void {
  const { seq, lane, route, target, event } = delivery;
  const ended = decision.kind === 'end';
  const reason = ended ? decision.settlement.reason : decision.postponement.reason;
  const line = {
    delivery: seq,
    source: event.source,
    event: event.id,
    lane,
    route,
    verb: target.verb,
    attempt: delivery.attempts + 1,
    outcome: ended ? decision.settlement.state : 'retry',
    ...more,
    ...(reason && { code: reason.code, detail: reason.detail }),
    ...(ended ? decision.settlement.placement : { retry_in_ms: decision.inMs }),
    ms: Math.round(ms * 10) / 10,
  };
  if (reason === undefined) log.info(line, 'delivery');
  else log.warn(line, 'delivery');
}
