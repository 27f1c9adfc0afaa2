/** Deliveries as a person reads them at a terminal. */
import { styleText } from 'node:util';
import { topicWords } from '../core/event-title.ts';
import type { DeliveryOutcome } from '../history/outcomes.ts';
import { terminalWidth, wrap } from './wrap.ts';

const HEAD = ['delivery', 'state', 'accepted', 'route and where'] as const;
/** The name of the machine's zone, by season. */
const ZONE = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' });

const COLOURS = {
  held: 'cyan',
  pending: 'yellow',
  sending: 'yellow',
  sent: 'green',
  merged: 'green',
  superseded: 'dim',
  dead: 'red',
  parked: 'magenta',
  dismissed: 'dim',
} as const satisfies Record<DeliveryOutcome['state'], string>;

/** A line per delivery; below it what it is about, and what there is to say about how it went. */
export function deliveryTable(deliveries: readonly DeliveryOutcome[], width = terminalWidth()): string {
  const rows = deliveries.map((delivery) => ({ cells: cellsOf(delivery), delivery }));
  const widths = HEAD.map((head, index) =>
    Math.max(head.length, ...rows.map(({ cells }) => cells[index]?.length ?? 0)),
  );
  const lastAt = widths.slice(0, -1).reduce((sum, column) => sum + column + 2, 0);
  const line = (cells: readonly string[], style: (text: string, column: number) => string) => {
    const [first = '', ...more] = wrap(cells.at(-1) ?? '', width - lastAt);
    const columns = cells.slice(0, -1).map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const shown = [...columns, first].map(style).join('  ');
    return [shown, ...more.map((rest) => `${' '.repeat(lastAt)}${rest}`), ''].join('\n');
  };
  const indent = ' '.repeat((widths[0] ?? 0) + 2);
  return [
    line(HEAD, (text) => styleText('dim', text, { stream: process.stdout })),
    ...rows.flatMap(({ cells, delivery }) => [
      line(cells, (text, column) =>
        column === 1 ? styleText(COLOURS[delivery.state], text, { stream: process.stdout }) : text,
      ),
      ...[aboutOf(delivery), ...remarks(delivery)]
        .flatMap((text) => wrap(text, width - indent.length))
        .map((text) => `${indent}${text}\n`),
    ]),
  ].join('');
}

function cellsOf({ delivery, state, accepted_at, route, destination }: DeliveryOutcome): string[] {
  const where = destination === null ? ', not made' : ` → ${printable(destination)}`;
  return [String(delivery), state, localTime(accepted_at), `${printable(route)}${where}`];
}

/** `Cold room 2 is above 8 °C · status updated (act_1000, event 17, msg_4f2)`: what `--event` takes is in it. */
function aboutOf({ event: { number, id, title, topic, subject } }: DeliveryOutcome): string {
  const name = [title ?? [], topicWords(topic)].flat().join(' · ');
  const subjectToo = subject === null ? '' : `${subject}, `;
  return printable(`${name} (${subjectToo}event ${number}, ${id})`);
}

function remarks(outcome: DeliveryOutcome): string[] {
  const { state, reason, replay, replayed_as, in_doubt, due_at, dismissal } = outcome;
  const unfinished = state === 'pending' || state === 'sending';
  const waits = unfinished && reason !== null && due_at !== null ? `Tried again at ${zonedTime(due_at)}: ` : '';
  return [
    state === 'held' && due_at !== null ? `Quiet hours hold it until ${zonedTime(due_at)}.` : [],
    reason === null ? [] : `${waits}${printable(reason.detail)} (${printable(reason.code)})`,
    unfinished && in_doubt ? 'It may be in Slack already, and is looked for before it is sent again.' : [],
    dismissal === null ? [] : dismissedAs(dismissal),
    replayed_as === null ? [] : `Replayed as ${replayed_as}.`,
    replay ? 'A replay.' : [],
  ].flat();
}

function dismissedAs({ at, by, reason }: NonNullable<DeliveryOutcome['dismissal']>): string {
  const who = by === null ? '' : ` by ${printable(by)}`;
  return `Dismissed${who} at ${zonedTime(at)}: ${printable(reason)}`;
}

/** Without what could steer a terminal: names and ids come from outside. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
}

export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** By the clock on the wall: `2026-03-02 09:00:00`. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** In a sentence, where no column tells which times these are: `2026-03-02 09:00:00 UTC`. */
export function zonedTime(iso: string): string {
  const zone = ZONE.formatToParts(new Date(iso)).find(({ type }) => type === 'timeZoneName');
  return `${localTime(iso)} ${zone?.value ?? ''}`.trimEnd();
}
