/** The end of a run: everything comes to its end, and is compared. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryOutcome } from '../../src/history/outcomes.ts';
import { readAccount, readTally, replayDead } from './account.ts';
import { check } from './checker.ts';
import { heldUntil } from './quiet.ts';
import type { ChaosReport } from './report.ts';
import type { Stage } from './stage.ts';

/** What a run remembers for the reckoning. */
export interface Recollection {
  /** Deliveries that may be pruned since. */
  readonly former: readonly DeliveryOutcome[];
  /** ms since the epoch. */
  readonly prunedAt: readonly number[];
}

/** Nothing comes to an end any more: longer than Slack's longest wait, which is that after a reached quota. */
const STILL_FOR_MS = 40_000;
const STILL_FOR_WITH_QUOTA_MS = 330_000;
/** Of what was accepted, one in so many is sent again at the very end. */
const LATE_REPETITION = 50;
/** Promised: silent for so long, an instance has lost its lanes. */
const TAKEN_OVER_AFTER_MS = 12_000;

/** `startedAt`: ms of performance.now(). */
export async function reckon(stage: Stage, recollection: Recollection, startedAt: number): Promise<ChaosReport> {
  const account = await lastLives(stage);
  const { options, setting, ledger, witness, mischiefs } = stage;
  const verdict = check({
    ...recollection,
    mode: options.plan.mode,
    instances: options.plan.instances,
    quiet: setting.quiet,
    ledger: ledger.entries,
    account,
    sightings: [...witness.all(), ...mischiefs.deleted],
  });
  return { ...countsOf(stage), seconds: (performance.now() - startedAt) / 1000, verdict };
}

/** All instances live until nothing is unfinished: what became of every delivery. */
async function lastLives(stage: Stage): Promise<DeliveryOutcome[]> {
  const { players, options, setting, ledger, senders } = stage;
  const [first] = players;
  if (first === undefined) throw new RangeError('There is no instance.');
  const services = players.map(({ lives }) => ({ lives, service: lives.start(null) }));
  for (const { lives, service } of services)
    if (!(await service.ready)) lives.failures.push(`The last start failed: ${service.output}`);
  await stage.sendersDone();
  await drain(stage, first.adminUrl);
  const replayed = await replayDead({ ...options, ...setting, config: first.config });
  if (!replayed) stage.failures.push('`replay --dead` failed.');
  await drain(stage, first.adminUrl);
  const accepted = ledger.entries.filter(({ acceptedAt }) => acceptedAt !== null);
  for (const [index, { event }] of accepted.entries()) if (index % LATE_REPETITION === 0) senders.repeat(event, 0);
  await senders.repetitions();
  await drain(stage, first.adminUrl);
  const account = await stage.attempt('reading the account', () => readAccount(first.adminUrl), []);
  await Promise.all(services.map(({ lives, service }) => lives.stop(service)));
  return account;
}

/** Until nothing is unfinished, or nothing moves any more: what is left over is in the account. */
async function drain(stage: Stage, adminUrl: string): Promise<void> {
  const stillFor = stage.options.plan.quota ? STILL_FOR_WITH_QUOTA_MS : STILL_FOR_MS;
  let last = { unfinished: Number.NaN, at: performance.now() };
  while (performance.now() - last.at < stillFor + quietForMs(stage)) {
    const tally = await stage.attempt('asking for the tally', () => readTally(adminUrl), null);
    if (tally === null) return;
    const unfinished = (tally.held ?? 0) + (tally.pending ?? 0) + (tally.sending ?? 0);
    if (unfinished === 0) return;
    if (unfinished !== last.unfinished) last = { unfinished, at: performance.now() };
    stage.say(`${unfinished} to come`);
    await sleep(100);
  }
}

/** While it is quiet, what is held stays. */
function quietForMs({ setting }: Stage): number {
  const now = Date.now();
  const until = heldUntil(setting.quiet, now);
  return until === null ? 0 : until - now;
}

function countsOf(stage: Stage): Omit<ChaosReport, 'seconds' | 'verdict'> {
  const { options, ledger, sandbox, weather, database } = stage;
  const lives = stage.players.map((player) => player.lives);
  const pauses = lives.flatMap((one) => one.pauses);
  return {
    plan: options.plan,
    program: options.program.name,
    requests: ledger.requests,
    answers: Object.fromEntries(ledger.answers),
    calls: sum(Object.values(sandbox.calls)),
    restarts: sum(lives.map(({ started }) => started - 1)),
    stops: sum(lives.map(({ stops }) => stops)),
    kills: added(lives.map(({ kills }) => kills)),
    pauses: added(pauses.map(({ where }) => new Map([[where, 1]]))),
    takeovers: pauses.filter(({ ms }) => ms > TAKEN_OVER_AFTER_MS).length,
    outages: Object.fromEntries(database?.restarts ?? []),
    faults: Object.fromEntries(weather.struck),
    failures: [...stage.failures, ...lives.flatMap(({ failures }) => failures), ...wrongAnswers(stage)],
  };
}

/** Senders are answered 200, or 503 and nothing: anything else would make them give up. */
function wrongAnswers({ ledger }: Stage): string[] {
  return [...ledger.answers]
    .filter(([answer]) => !['200', '503', 'none'].includes(answer))
    .map(([answer, count]) => `${count} requests were answered ${answer}.`);
}

function added(counts: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const groups = Map.groupBy(
    counts.flatMap((one) => [...one]),
    ([name]) => name,
  );
  return Object.fromEntries([...groups].map(([name, group]) => [name, sum(group.map(([, count]) => count))]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
