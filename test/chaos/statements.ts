/** What messages say: each statement is about one event, and a message that brings several deliveries makes several. */
import type { Block } from '../../src/core/message.ts';
import { DONE_EMOJI, ROUTE_FACTS, type Route } from './scenery.ts';
import type { Sighting } from './witness.ts';

export interface Statement {
  /** Whose message it is; `root` is a thread's root that a reply brought along. */
  readonly kind: Route | 'root';
  readonly subject: string;
  readonly event: number;
  /** What it says that a threshold counted; null: nothing. `since`: ISO 8601, null where only the number is told. */
  readonly storm: { readonly count: number; readonly since: string | null } | null;
}

const TEXT = /^(\S+) (\S+) e(\d{6,})(?: ~*…?)?(.*)$/s;
const STORM_NOTE = /^\n_(\d+) times since <!date\^\d+\^\{time\}\|([^>]+)>_$/;
const STORM_SUMMARY = /^ ?\((\d+) times\)$/;

/** Null for what is none of ours. */
export function readStatement(text: string): Statement | null {
  const [, word, subject, number, rest = ''] = TEXT.exec(text) ?? [];
  if (word === undefined || subject === undefined) return null;
  const kind = word === `:${DONE_EMOJI}:` ? 'done' : KINDS.find((known) => known === word);
  const storm = readStorm(rest);
  if (kind === undefined || (rest !== '' && storm === null)) return null;
  return { kind, subject, event: Number(number), storm };
}

const KINDS: readonly Statement['kind'][] = [
  'root',
  ...Object.keys(ROUTE_FACTS).filter((name): name is Route => name in ROUTE_FACTS),
];

function readStorm(rest: string): Statement['storm'] {
  const [, count = STORM_SUMMARY.exec(rest)?.[1], since = null] = STORM_NOTE.exec(rest) ?? [];
  return count === undefined ? null : { count: Number(count), since };
}

/** Whether it shows a subject's card, or the root that becomes one. */
export function isCardKind(kind: Statement['kind']): boolean {
  return kind === 'root' || ROUTE_FACTS[kind].verb === 'card';
}

/** One of several in a message. */
export interface Part {
  readonly text: string;
  /** What stands above it; null in a message that tells no routes. */
  readonly route: string | null;
  /** Where its link leads; null without one. */
  readonly url: string | null;
}

/** What a message for several deliveries is made of. */
export interface Parts {
  readonly kind: 'digest' | 'replies';
  readonly parts: readonly Part[];
  /** How many it says there are; null where it does not say. */
  readonly announced: number | null;
}

/** A message whose metadata name a group. */
export function partsOf(text: string, blocks: readonly Block[] | undefined, inThread: boolean): Parts {
  if (inThread) {
    const parts = text.split('\n\n').map((part) => ({ text: part, route: null, url: null }));
    return { kind: 'replies', parts, announced: null };
  }
  return blocks === undefined ? roundup(text) : digest(blocks);
}

/** By the template of the same name. */
function roundup(text: string): Parts {
  const [title = '', ...lines] = text.split('\n');
  const parts = lines.map((line) => ({ text: line.replace(/^• /, ''), route: null, url: null }));
  return { kind: 'digest', parts, announced: leadingNumber(title) };
}

const LINE = /^• (.*?)(?: <([^|>]+)\|↗>)?$/;

function digest([title, ...sections]: readonly Block[]): Parts {
  const parts: Part[] = [];
  let route: string | null = null;
  for (const line of sections.flatMap((section) => mrkdwnOf(section).split('\n'))) {
    const [, heading] = /^\*(.+)\*$/.exec(line) ?? [];
    const [, text, url = null] = LINE.exec(line) ?? [];
    if (heading !== undefined) route = heading;
    else parts.push({ text: text ?? line, route, url });
  }
  return { kind: 'digest', parts, announced: leadingNumber(mrkdwnOf(title).replace('*', '')) };
}

/** Of a section or a context. */
function mrkdwnOf(block: Block | undefined): string {
  const { text, elements } = JSON.parse(JSON.stringify(block ?? {}));
  const found: unknown = text?.text ?? elements?.[0]?.text;
  return typeof found === 'string' ? found : '';
}

function leadingNumber(text: string): number | null {
  const [, number] = /^(\d+) messages/.exec(text) ?? [];
  return number === undefined ? null : Number(number);
}

/** Every text that it ever showed, a message's parts for themselves: null for one that says nothing of ours. */
export function statementsOf({ texts, together }: Sighting): readonly (Statement | null)[] {
  const all = together === null ? texts : together.parts.map(({ text }) => text);
  return all.map(readStatement);
}
