/** The result of a run, for people and as JSON. */
import type { DeliveryOutcome } from '../../src/history/outcomes.ts';
import type { Verdict } from './checker.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import type { Violation } from './evidence.ts';
import type { RunPlan } from './plan.ts';

export interface ChaosReport {
  readonly plan: RunPlan | ClusterPlan;
  readonly program: string;
  readonly seconds: number;
  /** Requests to the service, by answer. */
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  /** Calls to Slack. */
  readonly calls: number;
  readonly restarts: number;
  /** By SIGTERM; the others are kills. */
  readonly stops: number;
  /** By fault point; `at any time` for the others. */
  readonly kills: Readonly<Record<string, number>>;
  /** By SIGSTOP: by fault point, as kills. */
  readonly pauses: Readonly<Record<string, number>>;
  /** Of them, those that were long enough for others to take over what it held. */
  readonly takeovers: number;
  /** Of the Postgres: restarts, by how it went down. */
  readonly outages: Readonly<Record<string, number>>;
  /** By kind, as they really struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** What went wrong beside the events: a life that ended by itself, an answer that no sender understands. */
  readonly failures: readonly string[];
  readonly verdict: Verdict;
}

const SHOWN = 10;
const KINDS = [
  'lost',
  'duplicated',
  'out of order',
  'too early',
  'unaccounted',
] as const satisfies readonly Violation['kind'][];

export function isGood({ verdict, failures }: ChaosReport): boolean {
  return verdict.violations.length === 0 && failures.length === 0;
}

export function countOf({ violations }: Verdict, kind: Violation['kind']): number {
  return violations.filter((violation) => violation.kind === kind).length;
}

/** For scripts: everything that is counted, and the first violations. */
export function summary(report: ChaosReport): Record<string, unknown> {
  const { plan, verdict, ...rest } = report;
  const { mode, seed, events, kills, instances, powerLosses } = plan;
  return {
    ...rest,
    good: isGood(report),
    plan: { mode, seed, events, kills, instances, powerLosses, ...('pauses' in plan && { pauses: plan.pauses }) },
    accepted: verdict.accepted,
    deliveries: Object.fromEntries(verdict.fates),
    togetherness: verdict.togetherness,
    ...Object.fromEntries(KINDS.map((kind) => [kind.replaceAll(' ', '_'), countOf(verdict, kind)])),
    violations: verdict.violations.slice(0, SHOWN),
  };
}

export function table(report: ChaosReport): string {
  const { verdict, kills, faults, answers, plan } = report;
  const fate = (name: string) => verdict.fates.get(name) ?? 0;
  const rows: [string, string | number][] = [
    ['program', report.program],
    ...(plan.instances > 1 ? [['instances, on one Postgres', plan.instances] satisfies [string, number]] : []),
    ['mode', plan.mode],
    ['seed', plan.seed],
    ['duration', `${Math.round(report.seconds)} s`],
    ['events', plan.events],
    ['  answered 200', verdict.accepted],
    ['requests', report.requests],
    ...sorted(answers).map(([answer, count]): [string, number] => [`  answer ${answer}`, count]),
    ['calls to Slack', report.calls],
    ['restarts', report.restarts],
    ['stops (SIGTERM)', report.stops],
    ['kills (SIGKILL)', sum(kills)],
    ...sorted(kills).map(([point, count]): [string, number] => [`  ${point}`, count]),
    ...(plan.instances > 1 ? clusterRows(report) : []),
    ['faults', sum(faults)],
    ...sorted(faults).map(([kind, count]): [string, number] => [`  ${kind}`, count]),
    ['deliveries', deliveryCount(verdict)],
    ['  sent', fate('sent')],
    ['  merged', fate('merged')],
    ['  ended well and pruned', fate('vanished')],
    ['  superseded', fate('superseded')],
    ['  dead, listed with a reason', fate('dead')],
    ['  parked, listed with a reason', fate('parked')],
    ...(plan.mode === 'merged' ? togethernessRows(verdict) : []),
    ...KINDS.map((kind): [string, number] => [kind, countOf(verdict, kind)]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${String(value).padStart(7)}`).join('\n');
}

/** How many there were: what is only counted, is none. */
export function deliveryCount({ fates }: Verdict): number {
  const none: ReadonlySet<string> = new Set(['not owed', 'counted']);
  return [...fates].filter(([name]) => !none.has(name)).reduce((all, [, count]) => all + count, 0);
}

function clusterRows({ pauses, takeovers, outages }: ChaosReport): [string, number][] {
  return [
    ['pauses (SIGSTOP)', sum(pauses)],
    ...sorted(pauses).map(([point, count]): [string, number] => [`  ${point}`, count]),
    ['  long enough for a takeover', takeovers],
    ['Postgres restarts', sum(outages)],
    ...sorted(outages).map(([how, count]): [string, number] => [`  ${how}`, count]),
  ];
}

/** What is pruned counts here, too. */
function togethernessRows(verdict: Verdict): [string, string | number][] {
  const { digests, joinedReplies, merged, heldAndReleased, firings, counted } = verdict.togetherness;
  return [
    ['together in a message', `${merged} (${Math.round((100 * merged) / deliveryCount(verdict))} %)`],
    ['  digests', digests],
    ['  joined replies', joinedReplies],
    ['held and released', heldAndReleased],
    ['alarms told', firings],
    ['  counted without being told', counted],
  ];
}

/** The first violations, each with what is known of it, and how to run it again. */
export function explanation(report: ChaosReport): string {
  const { failures, verdict, plan } = report;
  const { violations } = verdict;
  return [
    ...failures.slice(0, SHOWN).map((failure) => `✗ ${failure}`),
    ...violations.slice(0, SHOWN).map(explained),
    ...(violations.length > SHOWN ? [`… and ${violations.length - SHOWN} more.`] : []),
    `The same plan again: ${commandFor(plan)}`,
  ].join('\n');
}

function commandFor(plan: ChaosReport['plan']): string {
  const { mode, seed, events, kills, instances, powerLosses } = plan;
  const several = 'pauses' in plan ? ` --instances ${instances} --pauses ${plan.pauses}` : '';
  const powerless = powerLosses > 0 ? ` --power-losses ${powerLosses}` : '';
  return `npm run chaos -- --mode ${mode} --seed ${seed} --events ${events} --kills ${kills}${several}${powerless}`;
}

function explained({ kind, event, expected, found, deliveries }: Violation): string {
  return [
    `✗ ${kind}: ${event ?? 'no event of ours'}`,
    `    expected: ${expected}`,
    `    found:    ${found}`,
    ...deliveries.map((row) => `    ${told(row)}`),
  ].join('\n');
}

function told(row: DeliveryOutcome): string {
  const { delivery, state, event, route, lane, channel, ts, attempts, in_doubt, reason, replayed_as } = row;
  return [
    `delivery ${delivery} of ${event.id}: ${route} in ${lane} is ${state}`,
    ts === null ? '' : ` at ${channel} ${ts}`,
    `, ${attempts} attempts`,
    in_doubt ? ', in doubt' : '',
    reason === null ? '' : `, ${reason.code}`,
    replayed_as === null ? '' : `, replayed as ${replayed_as}`,
  ].join('');
}

function sorted(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).toSorted(([a], [b]) => a.localeCompare(b));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
