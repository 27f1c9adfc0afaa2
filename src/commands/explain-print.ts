/** A dry run as a person reads it at a terminal. */

import { styleText } from 'node:util';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/clock.ts';
import type { RelayEvent } from '../core/event.ts';
import type { DeliveryPreview, DryRun, RouteResult } from '../dry-run/dry-run.ts';
import { instantText } from '../dry-run/instant.ts';
import { builderUrl, plainText } from '../dry-run/plain.ts';
import { decisionText, verdictText, whereText } from '../dry-run/wording.ts';
import { counted, printable } from './delivery-table.ts';

type Style = Parameters<typeof styleText>[0];

const style = (format: Style, text: string): string => styleText(format, text, { stream: process.stdout });

/** Room for a route's name, so that reasons stand below each other. */
const WIDEST_NAME = 32;

export interface Printing {
  /** In which times are told. */
  readonly zone: string | null;
  /** Whether each message's address in the Block Kit Builder is written out. */
  readonly links: boolean;
  /** Makes a link of a text; null where the terminal cannot. */
  readonly link: (text: string, url: string) => string | null;
}

export function printRun(run: DryRun, printing: Printing): string {
  const { zone } = printing;
  const { event, at, notes, routes } = run;
  const width = Math.min(WIDEST_NAME, Math.max(...routes.map(({ name }) => name.length)));
  const noted = notes.map(({ key, note }) => style('yellow', printable(`${key}: ${note}`)));
  const lines = routes.flatMap((route) => routeLines(route, { ...printing, width }));
  const above = [...head(event, instantText(at, zone)), ...noted];
  return `${[...above, '', ...lines, '', ...summary(run), ...links(run, printing)].join('\n')}\n`;
}

function head(event: RelayEvent, at: string): string[] {
  const { source, topic, subject, actor, action } = event;
  const who = actor.name ?? actor.email ?? actor.id;
  const facts = [
    `from ${source}`,
    subject === null ? 'no subject' : `about ${subject}`,
    action.title === null ? '' : `"${action.title}"`,
    who === null ? '' : `by ${who}${actor.kind === null ? '' : ` (${actor.kind})`}`,
  ];
  return [`${style('bold', printable(topic))}  ${printable(facts.filter(Boolean).join(', '))}`, style('dim', at)];
}

interface Layout extends Printing {
  readonly width: number;
}

function routeLines({ name, verdict, quiet, deliveries, notes }: RouteResult, layout: Layout): string[] {
  const { width } = layout;
  const why = printable(verdictText(verdict));
  if (verdict.kind !== 'taken') {
    const failed = verdict.kind === 'condition' || verdict.kind === 'undecided';
    const label = printable(name).padEnd(width);
    return [
      failed ? `${style('red', '✗')} ${label}  ${why}` : style('dim', `– ${label}  ${why}`),
      ...deliveries.flatMap((delivery) => deliveryLines(delivery, { ...layout, urgent: '' })),
    ];
  }
  const urgent = quiet?.urgent ? `${decisionText(quiet.urgent)}` : '';
  return [
    `${style('green', '✓')} ${style('bold', printable(name))}${why === '' ? '' : `  ${style('dim', why)}`}`,
    ...(quiet?.passes ? [`  It passes through the quiet hours: ${printable(urgent)}`] : []),
    ...notes.map((note) => `  ${style('yellow', printable(note))}`),
    ...(deliveries.length === 0 && notes.length === 0 ? [style('dim', '  sends nothing')] : []),
    ...deliveries.flatMap((delivery) => deliveryLines(delivery, { ...layout, urgent })),
  ];
}

function deliveryLines(delivery: DeliveryPreview, { urgent, zone, link }: Printing & { urgent: string }): string[] {
  const { target, heldUntil, threshold, slackUser, message, root, fault, remarks } = delivery;
  const reader =
    target.to === undefined || slackUser === null
      ? ''
      : slackUser === undefined
        ? ' (Slack is asked who that is)'
        : ` (${slackUser})`;
  const held =
    heldUntil === null
      ? ''
      : `held until ${instantText(heldUntil, zone)}${urgent === '' ? '' : `; not urgent: ${urgent}`}`;
  const minutes = threshold === null ? '' : durationText(threshold.withinMs);
  const atLeast =
    threshold === null ? '' : `only the ${ordinal(threshold.count)} within ${minutes} is sent, and says how many`;
  const first = root === null ? '' : `in the thread of the card; without one, first a root: "${root.summary}"`;
  const seeIt = message === null ? null : link('as Slack shows it', builderUrl(message));
  const facts = [held, atLeast, first].filter(Boolean).map((fact) => style('cyan', printable(fact)));
  const doubts = remarks.map((remark) => style('yellow', printable(remark)));
  return [
    `  → ${printable(whereText(target) + reader)}${seeIt === null ? '' : `  ${seeIt}`}`,
    ...[...facts, ...doubts].map((line) => `    ${line}`),
    ...(fault === null ? [] : [`    ${style('red', `✗ It would end as dead. ${printable(fault)}`)}`]),
    ...(message === null ? [] : textLines(plainText(message))),
  ];
}

function textLines(text: string): string[] {
  return text.split('\n').map((line) => `    ${style('dim', '│')} ${printable(line)}`.trimEnd());
}

function summary({ routes }: DryRun): string[] {
  const taken = routes.filter(({ verdict }) => verdict.kind === 'taken').length;
  const deliveries = routes.flatMap((route) => route.deliveries);
  const dead = deliveries.filter(({ fault }) => fault !== null).length;
  const held = deliveries.filter(({ heldUntil }) => heldUntil !== null).length;
  const parts = [held > 0 ? `${held} held` : '', dead > 0 ? `${dead} would fail` : ''].filter(Boolean);
  const what = deliveries.length === 0 ? 'Nothing is sent' : counted(deliveries.length, 'delivery', 'deliveries');
  const took = `${taken} of ${counted(routes.length, 'route takes', 'routes take')} it`;
  return [`${took}. ${what}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}.`];
}

/** Last, since they are long: more than a screen, so only for those who ask. */
function links({ routes }: DryRun, { links, link }: Printing): string[] {
  const messages = routes.flatMap(({ name, deliveries }) =>
    deliveries.flatMap(({ message }) => (message === null ? [] : [{ name, url: builderUrl(message) }])),
  );
  const seen = new Map(messages.map(({ name, url }) => [url, name]));
  if (seen.size === 0) return [];
  if (!links) {
    const linked = [...seen.keys()].every((url) => link('', url) !== null);
    return linked ? [] : [style('dim', "--links shows each message in Slack's Block Kit Builder.")];
  }
  const lines = [...seen].map(([url, name]) => `  ${printable(name)}: ${style('dim', url)}`);
  return ['', "As Slack shows it, in Slack's Block Kit Builder:", ...lines];
}

const UNITS = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', 1000],
] as const;

function durationText(ms: number): string {
  const [name, unit] = UNITS.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return counted(ms / unit, name, `${name}s`);
}

function ordinal(count: number): string {
  const teen = count % 100 > 10 && count % 100 < 14;
  const end = teen ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[count % 10] ?? 'th');
  return `${count}${end}`;
}
