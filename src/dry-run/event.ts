/** Events to try rules on: read from a body as the sender posts it, by the source's own reader, or made from a sample. */
import { hash } from 'node:crypto';
import type { RelayEvent } from '../core/event.ts';
import { closest } from '../language/schema.ts';
import type { ReadNote, Source } from '../sources/source.ts';
import type { Sample } from '../sources/source-type.ts';

export interface TriedEvent {
  readonly event: RelayEvent;
  /** ALO's handshake: it is answered, and nothing is relayed. */
  readonly handshake: boolean;
  /** What of it could not be read. */
  readonly notes: readonly ReadNote[];
}

/**
 * Verified and read as a webhook that comes in at `nowMs` (ms since the epoch) is. The same body gives the same event:
 * an id that the relay would make up is made of the body.
 */
export function eventFrom(source: Source, body: string, nowMs: number): TriedEvent {
  const digest = hash('sha256', body).slice(0, 24);
  const { event, dedupe, challenge, notes } = source.rehearse(body, `msg_${digest}`, nowMs);
  const madeUp = dedupe.key.startsWith('sha256:');
  return { event: madeUp ? { ...event, id: `evt_${digest}` } : event, handshake: challenge !== null, notes };
}

export type Choice<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** The source of that name, or else the only one that can have sent this body. */
export function chooseSource(
  { name, body }: { readonly name: string | undefined; readonly body: string },
  sources: readonly Source[],
): Choice<Source> {
  if (name !== undefined) return sourceNamed(name, sources);
  const [first, ...others] = sources;
  if (first !== undefined && others.length === 0) return { ok: true, value: first };
  const topics = sources.map((source) => ({ source, topic: eventFrom(source, body, Date.now()).event.topic }));
  const known = topics.filter(({ source, topic }) => source.type.samples.some((sample) => sample.topic === topic));
  const some = topics.filter(({ topic }) => topic !== 'unknown');
  const only = [known, some].find(({ length }) => length === 1)?.[0];
  if (only !== undefined) return { ok: true, value: only.source };
  return { ok: false, problem: `Several sources may have sent this. Name one: ${namesOf(sources)}.` };
}

export interface SampleChoice {
  readonly source: Source;
  readonly sample: Sample;
}

/** The sample of a topic, from the source of that name or else the first that sends the topic. */
export function chooseSample(
  { topic, name }: { readonly topic: string; readonly name: string | undefined },
  sources: readonly Source[],
): Choice<SampleChoice> {
  const named = name === undefined ? undefined : sourceNamed(name, sources);
  if (named?.ok === false) return named;
  const among = named === undefined ? sources : [named.value];
  for (const source of among) {
    const sample = source.type.samples.find((candidate) => candidate.topic === topic);
    if (sample !== undefined) return { ok: true, value: { source, sample } };
  }
  const topics = [...new Set(among.flatMap(({ type }) => type.samples.map((sample) => sample.topic)))];
  return {
    ok: false,
    problem: `There is no sample of "${topic}". ${hint(topic, topics)}Topics: ${topics.join(', ')}.`,
  };
}

function sourceNamed(name: string, sources: readonly Source[]): Choice<Source> {
  const value = sources.find((source) => source.name === name);
  if (value !== undefined) return { ok: true, value };
  const names = sources.map((source) => source.name);
  return { ok: false, problem: `There is no source "${name}". ${hint(name, names)}Sources: ${namesOf(sources)}.` };
}

function hint(word: string, words: readonly string[]): string {
  const near = closest(word, words);
  return near === null ? '' : `Did you mean "${near}"? `;
}

function namesOf(sources: readonly Source[]): string {
  return sources.map(({ name }) => name).join(', ');
}

/** `overrides` laid over a payload: objects key by key, everything else in the place of what was there. */
export function overlay(payload: unknown, overrides: unknown): unknown {
  if (!isObject(payload) || !isObject(overrides)) return overrides;
  const merged = new Map(Object.entries(payload));
  for (const [key, value] of Object.entries(overrides)) {
    merged.set(key, merged.has(key) ? overlay(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
