/** Which event is tried: one of the journal, a sample, or a body that somebody wrote. */
import { parseBody } from '../../core/body.ts';
import type { RelayEvent } from '../../core/event.ts';
import type { Source } from '../../sources/source.ts';
import { type Choice, chooseSample, chooseSource, eventFrom } from '../event.ts';
import type { PlaygroundProblem } from './view.ts';

export type EventChoice =
  | { readonly number: number }
  | { readonly source?: string | undefined; readonly topic: string; readonly story: number }
  /** As the sender posts it. Without a source: the only one that may have sent it. */
  | { readonly source?: string | undefined; readonly body: string };

export interface ChosenEvent {
  /** Null where there is none: the problems say why. */
  readonly event: RelayEvent | null;
  /** ms since the epoch: when it comes in. */
  readonly at: number;
  readonly problems: readonly PlaygroundProblem[];
}

export interface ChoiceParts {
  readonly stored: (number: number) => Promise<RelayEvent | null>;
  readonly clock: { now(): number };
}

/** Rejects as `stored` does. `at`: instead of now, or of when the stored event came in. */
export async function readChoice(
  { event: chosen, at: asked }: { readonly event: EventChoice; readonly at?: number | undefined },
  sources: readonly Source[],
  { stored, clock }: ChoiceParts,
): Promise<ChosenEvent> {
  const at = asked ?? clock.now();
  if ('number' in chosen) {
    const event = await stored(chosen.number);
    if (event === null) return { event, at, problems: [problem('unknown-event', NO_EVENT(chosen.number))] };
    return { event, at: asked ?? Date.parse(event.received_at), problems: [] };
  }
  const given = 'topic' in chosen ? sampled(chosen, sources, at) : posted(chosen, sources);
  if (!given.ok) return { event: null, at, problems: [problem('unknown-event', given.problem)] };
  const { source, body } = given.value;
  const { event, handshake } = eventFrom(source, body, at);
  if (handshake) return { event: null, at, problems: [{ ...problem('handshake', HANDSHAKE), severity: 'warning' }] };
  return { event, at, problems: 'topic' in chosen ? [] : notJson(body) };
}

type Given = Choice<{ readonly source: Source; readonly body: string }>;

function sampled(
  {
    source: name,
    topic,
    story,
  }: { readonly source?: string | undefined; readonly topic: string; readonly story: number },
  sources: readonly Source[],
  nowMs: number,
): Given {
  const choice = chooseSample({ topic, name }, sources);
  if (!choice.ok) return choice;
  const { source, sample } = choice.value;
  return { ok: true, value: { source, body: JSON.stringify(sample.build({ index: story, nowMs })) } };
}

function posted(
  { source: name, body }: { readonly source?: string | undefined; readonly body: string },
  sources: readonly Source[],
): Given {
  const choice = chooseSource({ name, body }, sources);
  return choice.ok ? { ok: true, value: { source: choice.value, body } } : choice;
}

/** It would be relayed all the same, so it is no error. */
function notJson(body: string): PlaygroundProblem[] {
  if (typeof parseBody(body) !== 'string' || body.trimStart().startsWith('"')) return [];
  const place = placeOfMistake(body);
  return [{ ...problem('not-json', NOT_JSON), severity: 'warning', ...place }];
}

/** Where the shortest beginning ends that nothing could mend; the end, where something is only missing there. */
function placeOfMistake(body: string): { readonly line: number; readonly column: number } {
  let [low, high] = [0, body.length + 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isBroken(body.slice(0, middle))) high = middle;
    else low = middle;
  }
  const before = body.slice(0, low).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Whether no continuation would make JSON of it, as far as the parser's words tell. */
function isBroken(start: string): boolean {
  try {
    JSON.parse(start);
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const [, position] = / at position (\d+)/.exec(message) ?? [];
    if (position !== undefined && !message.startsWith('Unterminated')) return Number(position) < start.trimEnd().length;
    return message.startsWith('Unexpected token') || message.startsWith('Bad');
  }
}

function problem(code: string, message: string): PlaygroundProblem {
  return { file: 'event', line: 1, column: 1, severity: 'error', code, message, remedy: null };
}

const NO_EVENT = (number: number) => `No event has the number ${number}: it never came, or it was pruned.`;
const NOT_JSON = 'This is not JSON, or nests too deep: the service would keep it as text.';
const HANDSHAKE = "This is ALO's handshake: it is answered with its challenge, and nothing is relayed.";
