/** A status report as a person reads it at a terminal of 80 columns, and what there is to do about it. */
import { type DeliveryState, FAILED_STATES } from '../core/delivery.ts';
import { sizeText } from '../doctor/journal.ts';
import type { StatusReport } from '../history/status-report.ts';
import { counted, printable, zonedTime } from './delivery-table.ts';

const COLUMNS = 80;
const LABEL = 10;

/** What somebody has to do; empty where all is well. `command`: one to type next. */
export function adviceOf(
  { service, last_failure: failed }: StatusReport,
  command: (name: string) => string,
): readonly string[] {
  if (service === null) return [`Start the service: ${command('serve')}`];
  const config = service.checks.find(({ name }) => name === 'config');
  return [
    ...service.checks
      .filter(({ ok }) => !ok)
      .map(({ name }) => `See what is wrong with ${NAMES[name] ?? name}: ${command('doctor')}`),
    ...(config === undefined || config.detail === null ? [] : [`Mend the config: ${command('check')}`]),
    ...(failed === null
      ? []
      : [`See what did not arrive, and why: ${command(`deliveries --state ${FAILED_STATES.join(',')}`)}`]),
  ];
}

const NAMES: Readonly<Record<string, string>> = { journal: 'the journal', slack: 'Slack', config: 'the config' };

/** `now`: ms since the epoch. */
export function statusText(report: StatusReport, advice: readonly string[], now: number): string {
  const { service, journal, sources } = report;
  const check = (name: string) => service?.checks.find((one) => one.name === name);
  const lines: (readonly [label: string, text: string])[] = [];
  if (service !== null)
    lines.push(['service', `version ${service.version}, up ${span(now - Date.parse(service.started_at))}`]);
  const size = journal.bytes === null ? '' : `, ${sizeText(journal.bytes)}`;
  lines.push(['journal', `${journal.place}${size}${state(check('journal'), now)}`]);
  if (service !== null) {
    lines.push(['Slack', `${service.workspace ?? 'workspace not known yet'}${state(check('slack'), now)}`]);
    if (check('config')?.detail) lines.push(['config', `${check('config')?.detail}`]);
  }
  const seen = sources.map(({ name, last_event_at: at }) => `${name}: ${at === null ? 'no event' : ago(at, now)}`);
  lines.push(['events', seen.join('; ')]);
  lines.push(['waiting', waitingText(report)]);
  for (const lane of report.lanes.longest) lines.push(['', laneText(lane)]);
  lines.push(['failed', failedText(report, now)]);
  const next = advice.length === 0 ? 'All is well.\n' : advice.map((line) => `${wrapped('', line, 0)}`).join('');
  return `${lines.map(([label, text]) => wrapped(label, text, LABEL)).join('')}\n${next}`;
}

type Check = NonNullable<StatusReport['service']>['checks'][number];

function state(check: Check | undefined, now: number): string {
  if (check === undefined) return '';
  const { ok, detail, since } = check;
  if (ok) return detail === null ? ': ok' : `: ok, but ${detail}`;
  return `: ${since === null ? '' : `failing for ${span(now - Date.parse(since))}. `}${detail ?? 'not ok'}`;
}

function waitingText({ deliveries, lanes }: StatusReport): string {
  const count = (...states: DeliveryState[]) => states.reduce((sum, name) => sum + (deliveries[name] ?? 0), 0);
  const [pending, held] = [count('pending', 'sending'), count('held')];
  if (pending + held === 0) return 'nothing';
  return `${counted(pending, 'delivery', 'deliveries')}, and ${held} held, in ${counted(lanes.total, 'lane', 'lanes')}`;
}

type Lane = StatusReport['lanes']['longest'][number];

/** The lane's name is the conversation's, behind its kind. */
function laneText({ lane, state, until, waiting, reason }: Lane): string {
  const why = reason === null ? '' : `: ${reason.detail}`;
  const when = until === null ? '' : ` until ${zonedTime(until)}`;
  return `${lane.replace(/^channel:/, '').replace(/^dm:/, '@')}: ${waiting}, ${state}${when}${why}`;
}

function failedText({ deliveries, last_failure: last }: StatusReport, now: number): string {
  if (last === null) return 'nothing';
  const counts = FAILED_STATES.filter((name) => (deliveries[name] ?? 0) > 0).map(
    (name) => `${deliveries[name]} ${name}`,
  );
  const why = last.reason === null ? '' : `: ${last.reason.detail} (${last.reason.code})`;
  return `${counts.join(', ')}; the newest ${ago(last.accepted_at, now)}, ${last.route}${why}`;
}

/** Behind its label, without a break inside a word. */
function wrapped(label: string, text: string, indent: number): string {
  const lines: string[] = [];
  for (const word of printable(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && indent + last.length + 1 + word.length <= COLUMNS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(indent)}${line}\n`).join('');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** In the two largest units: `3 d 4 h`. */
function span(ms: number): string {
  let left = Math.max(0, ms);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const value = Math.floor(left / size);
    left -= value * size;
    if (value > 0 || (unit === 's' && parts.length === 0)) parts.push(`${value} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ');
}

function ago(iso: string, now: number): string {
  return `${span(now - Date.parse(iso))} ago`;
}
