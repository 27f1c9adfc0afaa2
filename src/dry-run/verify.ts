/** What a case expects against what would happen. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { isMade } from '../core/delivery.ts';
import type { Matcher } from './case-schema.ts';
import type { Expectation, ExpectedDelivery } from './cases.ts';
import type { DeliveryPreview, DryRun, RouteResult } from './dry-run.ts';
import { instantText } from './instant.ts';
import { plainText } from './plain.ts';
import { namesOf, verdictText, whereText } from './wording.ts';

export interface Failure {
  /** `routes`, `deliveries`, `text of card in #alo-actions` */
  readonly what: string;
  /** Lines. */
  readonly expected: readonly string[];
  readonly received: readonly string[];
  /** Whether the lines were to be the same; else `expected` says what was to be found. */
  readonly exact: boolean;
  /** Sentences that may explain it. */
  readonly hints: readonly string[];
}

/** `zone`: for times that are told. Empty: all is as expected. */
export function verify(expect: Expectation, run: DryRun, zone: string | null): Failure[] {
  const deliveries = run.routes.flatMap((route) => route.deliveries);
  return [
    ...(expect.routes === undefined ? [] : verifyRoutes(expect.routes, run)),
    ...(expect.nothing && deliveries.length > 0
      ? [exactly('deliveries', [], deliveries.map(titleOf), takenHints(run.routes))]
      : []),
    ...(expect.deliveries === undefined ? [] : verifyDeliveries(expect.deliveries, run, zone)),
    ...faults(expect.deliveries ?? [], deliveries),
  ];
}

function exactly(
  what: string,
  expected: readonly string[],
  received: readonly string[],
  hints: readonly string[],
): Failure {
  return { what, expected, received, exact: true, hints };
}

function verifyRoutes(expected: readonly string[], { routes }: DryRun): Failure[] {
  const taken = routes.filter(({ verdict }) => verdict.kind === 'taken');
  const received = taken.map(({ name }) => name);
  if (isDeepStrictEqual([...expected], received)) return [];
  const missed = routes.filter(({ name, verdict }) => expected.includes(name) && verdict.kind !== 'taken');
  const hints = [...untakenHints(missed), ...takenHints(taken.filter(({ name }) => !expected.includes(name)))];
  return [exactly('routes', expected, received, hints)];
}

function untakenHints(routes: readonly RouteResult[]): string[] {
  return routes.map(({ name, verdict }) => `"${name}" does not take it: ${verdictText(verdict)}.`);
}

function takenHints(routes: readonly RouteResult[]): string[] {
  return routes
    .filter(({ verdict }) => verdict.kind === 'taken' && verdict.because !== null)
    .map(({ name, verdict }) => `"${name}" takes it: ${verdictText(verdict)}.`);
}

/** What is sure to fail is no success, whatever else is expected. */
function faults(expected: readonly ExpectedDelivery[], deliveries: readonly DeliveryPreview[]): Failure[] {
  const meant = expected.filter(({ fault }) => fault !== undefined);
  return deliveries.flatMap((delivery) => {
    if (delivery.fault === null || meant.some((wanted) => goesThere(wanted, delivery))) return [];
    return [
      { what: titleOf(delivery), expected: ['can be sent'], received: [delivery.fault], exact: false, hints: [] },
    ];
  });
}

function verifyDeliveries(expected: readonly ExpectedDelivery[], { routes }: DryRun, zone: string | null): Failure[] {
  const received = routes.flatMap((route) => route.deliveries);
  const pairs = pair(expected, received);
  const missing = pairs.some(({ got }) => got === null);
  if (missing || expected.length !== received.length) {
    const lines = pairs.map(({ wanted, got }) => (got === null ? wish(wanted) : titleOf(got)));
    const notes = routes.flatMap((route) => route.notes.map((note) => `"${route.name}": ${note}`));
    const hints = [
      ...notes,
      ...(missing ? untakenHints(routes.filter(({ verdict }) => verdict.kind === 'condition')) : []),
    ];
    return [exactly('deliveries', lines, received.map(titleOf), hints)];
  }
  return pairs.flatMap(({ wanted, got }) => (got === null ? [] : contents(wanted, got, zone)));
}

interface Pair {
  readonly wanted: ExpectedDelivery;
  readonly got: DeliveryPreview | null;
}

/** Each that is expected with the next delivery that goes where it says. */
function pair(expected: readonly ExpectedDelivery[], received: readonly DeliveryPreview[]): Pair[] {
  const left = [...received];
  return expected.map((wanted) => {
    const at = left.findIndex((got) => goesThere(wanted, got));
    return { wanted, got: at === -1 ? null : (left.splice(0, at + 1).at(-1) ?? null) };
  });
}

function goesThere({ route, verb, channel, to, emoji }: ExpectedDelivery, got: DeliveryPreview): boolean {
  const { target } = got;
  return (
    (route === undefined || route === got.route) &&
    (verb === undefined || verb === target.verb) &&
    (channel === undefined || target.channel === channel) &&
    (to === undefined || namesOf(got).includes(to)) &&
    (emoji === undefined || (isMade(target) && target.emoji === emoji))
  );
}

function titleOf({ route, target }: DeliveryPreview): string {
  return `${whereText(target)}, by "${route}"`;
}

function wish({ route, verb, channel, to, emoji }: ExpectedDelivery): string {
  const where = channel ?? to;
  const what = [verb ?? 'something', emoji === undefined ? '' : `:${emoji}:`].filter(Boolean).join(' ');
  return `${what}${where === undefined ? '' : `${channel === undefined ? ' to' : ' in'} ${where}`}${route === undefined ? '' : `, by "${route}"`}`;
}

function contents(wanted: ExpectedDelivery, got: DeliveryPreview, zone: string | null): Failure[] {
  const { message } = got;
  const failures = [
    matched('text', wanted.text, message === null ? '' : plainText(message)),
    matched('summary', wanted.summary, message?.summary ?? ''),
    matched('fault', wanted.fault, got.fault ?? ''),
    same('blocks', wanted.blocks, message?.blocks ?? []),
    same('color', wanted.color, message?.color ?? false),
    timed(wanted, got, zone),
    same('at_least', wanted.at_least, got.threshold?.count ?? false),
  ];
  return failures
    .filter((failure) => failure !== null)
    .map((failure) => ({ ...failure, what: `${failure.what} of ${titleOf(got)}` }));
}

function timed({ heldUntil }: ExpectedDelivery, got: DeliveryPreview, zone: string | null): Failure | null {
  if (heldUntil === undefined || heldUntil === (got.heldUntil ?? false)) return null;
  const told = (at: number | false | null) => (at === false || at === null ? 'not held' : instantText(at, zone));
  return exactly('held_until', [told(heldUntil)], [told(got.heldUntil)], got.remarks);
}

function same(what: string, wanted: unknown, got: unknown): Failure | null {
  if (wanted === undefined || isDeepStrictEqual(wanted, got)) return null;
  return exactly(what, linesOf(stringify(wanted)), linesOf(stringify(got)), []);
}

function matched(what: string, wanted: Matcher | undefined, got: string): Failure | null {
  if (wanted === undefined) return null;
  const received = linesOf(got);
  if (typeof wanted === 'string') {
    const expected = linesOf(wanted).map((line) => line.trimEnd());
    return isDeepStrictEqual(expected, received) ? null : exactly(what, expected, received, []);
  }
  const { contains = [], lacks = [], matches } = wanted;
  const unmet = [
    ...contains.filter((part) => !got.includes(part)).map((part) => `contains "${part}"`),
    ...lacks.filter((part) => got.includes(part)).map((part) => `lacks "${part}"`),
    ...(matches === undefined || new RegExp(matches, 'su').test(got) ? [] : [`matches /${matches}/`]),
  ];
  return unmet.length === 0 ? null : { what, expected: unmet, received, exact: false, hints: [] };
}

function linesOf(text: string): string[] {
  const trimmed = text.trimEnd();
  return trimmed === '' ? [] : trimmed.split('\n');
}
