/** How a payload reads, as a person reads it at a terminal. */
import { styleText } from 'node:util';
import { Document } from 'yaml';
import type { Examination, FieldFound } from '../sources/examine.ts';
import type { DedupeGuess, Guess } from '../sources/guess.ts';
import { EVENT_FIELDS } from '../sources/source-type.ts';
import { payloadTree, shortValue } from './payload-tree.ts';

export interface Read {
  readonly source: string;
  readonly examination: Examination;
  readonly guesses: readonly Guess[];
  readonly dedupe: DedupeGuess | null;
}

const WIDEST_VALUE = 40;

export function printRead({ source, examination, guesses, dedupe }: Read, config: string): string {
  const { payload, topic, fields } = examination;
  const looked = new Set(fields.map(({ field }) => field));
  const rest = EVENT_FIELDS.filter((field) => !looked.has(field));
  return [
    payloadTree(payload, remarksOf(fields)),
    `\n${style('bold', `As ${source} reads it`)}\n`,
    ...table(fields),
    rest.length === 0 ? '' : style('dim', `Not looked for in ${shortValue(topic)}: ${rest.join(', ')}\n`),
    guesses.length === 0 && dedupe === null ? '' : guessed({ source, guesses, dedupe }, config),
  ].join('');
}

/** By path, the fields that were found there. */
function remarksOf(fields: readonly FieldFound[]): Map<string, string[]> {
  const remarks = new Map<string, string[]>();
  for (const { field, origin } of fields) {
    for (const path of origin?.kind === 'place' ? [origin.path] : origin?.kind === 'compared' ? origin.paths : []) {
      remarks.set(path, [...(remarks.get(path) ?? []), field]);
    }
  }
  return remarks;
}

function table(fields: readonly FieldFound[]): string[] {
  const rows = fields.map((found) => ({ found, value: found.empty ? '—' : described(found.value) }));
  const [first, second] = [
    Math.max(...rows.map(({ found }) => found.field.length)),
    Math.max(...rows.map(({ value }) => value.length)),
  ];
  return rows.map(({ found, value }) => {
    const line = `  ${found.field.padEnd(first)}  ${value.padEnd(second)}  ${originOf(found)}`.trimEnd();
    return `${found.empty ? style('dim', line) : line}\n`;
  });
}

function originOf({ origin, empty }: FieldFound): string {
  if (origin === null) return '';
  if (origin.kind === 'place') return `payload.${origin.path}`;
  if (origin.kind === 'compared') return `payload.${origin.paths[0]} and payload.${origin.paths[1]}, compared`;
  if (origin.kind === 'composed') return origin.from;
  const why = origin.reason ?? (empty ? 'it gives nothing' : null);
  return `fields: ${origin.expression}${why === null ? '' : ` (${shortValue(why).slice(1, -1)})`}`;
}

/** People by name. */
function described(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => described(one)).join(', ');
  if (typeof value !== 'object' || value === null) return shortValue(value, WIDEST_VALUE);
  const { name, email, id } = { name: null, email: null, id: null, ...value };
  return shortValue(name ?? email ?? id, WIDEST_VALUE);
}

function guessed({ source, guesses, dedupe }: Omit<Read, 'examination'>, config: string): string {
  const fields = Object.fromEntries(guesses.map(({ field, expression }) => [field, expression]));
  const lines = {
    ...(guesses.length > 0 && { fields }),
    ...(dedupe !== null && { dedupe: { key: dedupe.expression } }),
  };
  const document = new Document({ sources: { [source]: lines } });
  const remark = (path: readonly string[], text: string) => {
    const node: unknown = document.getIn(['sources', source, ...path], true);
    if (typeof node === 'object' && node !== null) Reflect.set(node, 'comment', ` ${text}`);
  };
  for (const { field, value } of guesses) remark(['fields', field], described(value));
  if (dedupe !== null) remark(['dedupe', 'key'], `${described(dedupe.value)}, where the sender gives no message id`);
  const what = `A guess at what is empty. Where it is right, add it to ${config}:`;
  return `\n${style('bold', what)}\n${document.toString({ lineWidth: 0 })}`;
}

function style(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
