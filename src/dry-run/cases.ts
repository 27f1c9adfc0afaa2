/** Cases made ready to run: read, checked against the config, each with its event. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Person, RelayEvent } from '../core/event.ts';
import { writeJson } from '../core/json.ts';
import type { Place, Problem } from '../core/problem.ts';
import { type Path, readDocument, type SourceDocument } from '../language/document.ts';
import { check, closest } from '../language/schema.ts';
import { isTimeZone } from '../routing/wall-time.ts';
import { casesSchema, type WrittenCase, type WrittenDelivery } from './case-schema.ts';
import { type Choice, chooseSample, chooseSource, eventFrom, overlay, type TriedEvent } from './event.ts';
import { instant, SOME_TUESDAY, zoneOf } from './instant.ts';

export interface Case {
  readonly name: string;
  /** Where the file has it. */
  readonly place: Place;
  readonly event: RelayEvent;
  readonly handshake: boolean;
  /** ms since the epoch. */
  readonly at: number;
  /** The time zone that somebody has set in Slack. */
  readonly zoneOf: (person: Person) => string | null;
  readonly expect: Expectation;
}

export interface Expectation extends Pick<WrittenCase['expect'], 'routes'> {
  readonly deliveries: readonly ExpectedDelivery[] | undefined;
  readonly nothing: boolean;
  readonly snapshot: boolean;
}

/** `heldUntil`: ms since the epoch; false: not held. */
export type ExpectedDelivery = Omit<WrittenDelivery, 'held_until'> & { readonly heldUntil: number | false | undefined };

export interface LoadedCases {
  readonly cases: readonly Case[];
  readonly problems: readonly Problem[];
  /** The files with payloads. */
  readonly reads: readonly string[];
}

/** Never throws. A case with a problem is left out. */
export async function loadCases(file: string, config: Config): Promise<LoadedCases> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => errorCode(error));
  if (typeof text !== 'string') {
    const message = text.code === 'ENOENT' ? 'There is no such file.' : `The file cannot be read (${text.code}).`;
    return { cases: [], problems: [{ file, line: 1, column: 1, code: 'cases-unreadable', message }], reads: [] };
  }
  const document = readDocument(text, file);
  if (document.problems.length > 0) return { cases: [], problems: document.problems, reads: [] };
  const checked = check(casesSchema, document);
  if (!checked.ok) return { cases: [], problems: checked.problems, reads: [] };
  const loader = new CaseLoader(document, config);
  const cases = await Promise.all(checked.value.cases.map((written, index) => loader.load(written, index)));
  const names = new Set<string>();
  for (const [index, { name }] of checked.value.cases.entries()) {
    if (names.has(name)) loader.report(['cases', index, 'name'], 'duplicate-name', `Another case is called "${name}".`);
    names.add(name);
  }
  return { cases: cases.filter((one) => one !== null), problems: loader.problems, reads: loader.reads };
}

class CaseLoader {
  readonly problems: Problem[] = [];
  readonly reads: string[] = [];
  readonly #document: SourceDocument;
  readonly #config: Config;
  readonly #zone: string | null;

  constructor(document: SourceDocument, config: Config) {
    this.#document = document;
    this.#config = config;
    this.#zone = zoneOf(config);
  }

  report(path: Path, code: string, message: string, remedy?: string): void {
    this.problems.push({ ...this.#document.place(path), code, message, ...(remedy !== undefined && { remedy }) });
  }

  async load(written: WrittenCase, index: number): Promise<Case | null> {
    const path = ['cases', index];
    const before = this.problems.length;
    const at = this.#at(written, path);
    const tried = await this.#event(written, path, at);
    const expect = this.#expectation(written, path, at);
    for (const [who, zone] of Object.entries(written.zones)) {
      if (!isTimeZone(zone)) this.report([...path, 'zones', who], 'bad-value', `There is no time zone "${zone}".`);
    }
    if (tried === null || this.problems.length > before) return null;
    const zones = new Map(Object.entries(written.zones));
    const zoneOfPerson = ({ email, id, name }: Person) =>
      [email, id, name].map((handle) => (handle === null ? undefined : zones.get(handle))).find(Boolean) ?? null;
    return { name: written.name, place: this.#document.place(path), ...tried, at, zoneOf: zoneOfPerson, expect };
  }

  /** Without a zone in the config or several, the day of no time at all is one in UTC. */
  #at({ at }: WrittenCase, path: Path): number {
    const zone = this.#zone;
    const usual = instant(SOME_TUESDAY, { zone: zone ?? 'UTC', base: 0, when: 'that-day' });
    const base = usual.ok ? usual.value : 0;
    return at === undefined ? base : (this.#instant(at, [...path, 'at'], { base, when: 'that-day' }) ?? base);
  }

  #instant(text: string, path: Path, about: { base: number; when: 'that-day' | 'next' }): number | null {
    return this.#chosen(instant(text, { zone: this.#zone, ...about }), path, 'bad-time');
  }

  #chosen<T>(choice: Choice<T>, path: Path, code: string): T | null {
    if (choice.ok) return choice.value;
    this.report(path, code, choice.problem);
    return null;
  }

  async #event(written: WrittenCase, path: Path, at: number): Promise<TriedEvent | null> {
    const { sources } = this.#config;
    const { sample: asked, file } = written;
    if (asked !== undefined) {
      const name = asked.source ?? written.source;
      const chosen = this.#chosen(chooseSample({ ...asked, name }, sources), [...path, 'sample'], 'unknown-sample');
      if (chosen === null) return null;
      const payload = chosen.sample.build({ index: asked.story, nowMs: at });
      return eventFrom(chosen.source, writeJson(overlay(payload, asked.with)), at);
    }
    const body = file === undefined ? writeJson(written.event) : await this.#read(file, [...path, 'file']);
    if (body === null) return null;
    const source = chooseSource({ name: written.source, body }, sources);
    const place = [...path, written.source === undefined ? (file === undefined ? 'event' : 'file') : 'source'];
    const chosen = this.#chosen(source, place, 'unknown-source');
    return chosen && eventFrom(chosen, body, at);
  }

  async #read(file: string, path: Path): Promise<string | null> {
    const full = resolve(dirname(this.#document.file), file);
    this.reads.push(full);
    const text = await readFile(full, 'utf8').catch((error: unknown) => errorCode(error));
    if (typeof text === 'string') return text;
    this.report(path, 'payload-unreadable', `The payload ${file} cannot be read (${text.code}).`);
    return null;
  }

  #expectation({ expect }: WrittenCase, path: Path, at: number): Expectation {
    const base = [...path, 'expect'];
    expect.routes?.forEach((name, index) => {
      this.#knownRoute(name, [...base, 'routes', index]);
    });
    const deliveries = expect.deliveries?.map(({ held_until, ...rest }, index) => {
      const place = [...base, 'deliveries', index];
      if (rest.route !== undefined) this.#knownRoute(rest.route, [...place, 'route']);
      const heldUntil =
        typeof held_until === 'string'
          ? (this.#instant(held_until, [...place, 'held_until'], { base: at, when: 'next' }) ?? undefined)
          : held_until;
      return { ...rest, heldUntil };
    });
    const { routes, nothing = false, snapshot = false } = expect;
    return { routes, deliveries, nothing, snapshot };
  }

  #knownRoute(name: string, path: Path): void {
    const names = this.#config.routes.map((route) => route.name);
    if (names.includes(name)) return;
    const near = closest(name, names);
    const remedy = `${near === null ? '' : `Did you mean "${near}"? `}Routes: ${names.join(', ')}.`;
    this.report(path, 'unknown-route', `There is no route "${name}".`, remedy);
  }
}

function errorCode(error: unknown): { readonly code: string } {
  return { code: error instanceof Error && 'code' in error ? String(error.code) : String(error) };
}
