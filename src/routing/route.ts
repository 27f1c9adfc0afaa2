/** Routes made ready to run: topics as patterns, conditions and channels compiled and checked. */
import type { Problem } from '../core/problem.ts';
import { caret } from '../language/caret.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { compileExpression, type Expression, type ExpressionOptions } from '../language/expression.ts';
import type { Text } from '../language/text.ts';
import { slackTexts } from '../templates/text.ts';
import type { VerbName } from '../verbs/verbs.ts';
import type { QuietWindow } from './quiet-hours.ts';
import { type MergeRule, mergeRule, type QuietHours, quietWindows } from './rules.ts';
import { stepsOf, type WrittenRoute } from './schema.ts';

/** What a route asks of a verb; it goes to a channel or to people, so one of the two is null. */
export interface RouteStep {
  readonly verb: VerbName;
  readonly channel: Text | null;
  readonly to: Expression | null;
  /** The verb's own, as they go into its target. */
  readonly keys: Readonly<Record<string, unknown>>;
}

export interface QuietRule {
  /** As the route names them; all of their windows are in `windows`. */
  readonly named: readonly { readonly name: string; readonly windows: readonly QuietWindow[] }[];
  readonly windows: readonly QuietWindow[];
  /** What is urgent is never held back. */
  readonly urgent: Expression | null;
}

export interface ThresholdRule {
  readonly count: number;
  readonly withinMs: number;
  /** Counted apart for each value; null: all together. */
  readonly per: Expression | null;
}

export interface Route {
  readonly name: string;
  /** Null: every source. */
  readonly sources: readonly string[] | null;
  readonly takesTopic: (topic: string) => boolean;
  readonly when: Expression | null;
  readonly unmatched: boolean;
  readonly stop: boolean;
  readonly steps: readonly RouteStep[];
  /** Null: always singly. */
  readonly merge: MergeRule | null;
  readonly quiet: QuietRule | null;
  readonly atLeast: ThresholdRule | null;
}

/** A template that a route names, and where: whoever knows the templates checks that it exists. */
export interface TemplateUse {
  readonly template: string;
  readonly path: Path;
}

export interface CompiledRoutes {
  readonly routes: readonly Route[];
  readonly uses: readonly TemplateUse[];
  readonly problems: readonly Problem[];
}

/** What routes refer to. */
export interface RouteSetting {
  /** Where they stand in the document. */
  readonly base: Path;
  readonly quietHours: QuietHours;
  /** Of a route that says nothing about it; null: singly. */
  readonly merge: MergeRule | null;
}

/** Everything wrong is in `problems`, at its place. */
export function compileRoutes(
  written: readonly WrittenRoute[],
  document: SourceDocument,
  setting: RouteSetting,
): CompiledRoutes {
  const compiler = new RouteCompiler(document, setting);
  const routes = written.map((route, index) => compiler.route(route, [...setting.base, index], index));
  return { routes, uses: compiler.uses, problems: compiler.problems };
}

/** Types that are never somebody. */
const NOBODY =
  /^(bool|int|uint|double|google\.protobuf\.\w+|Event|Action|Assignees|Message|list<(bool|int|uint|double)>)$/;

class RouteCompiler {
  readonly uses: TemplateUse[] = [];
  readonly problems: Problem[] = [];
  readonly #document: SourceDocument;
  readonly #setting: RouteSetting;

  constructor(document: SourceDocument, setting: RouteSetting) {
    this.#document = document;
    this.#setting = setting;
  }

  route(written: WrittenRoute, path: Path, index: number): Route {
    return {
      name: written.name ?? `route ${index + 1}`,
      sources: written.source ?? null,
      takesTopic: topicPattern(written.on),
      when: this.#condition(written.when, [...path, 'when']),
      unmatched: written.unmatched,
      stop: written.stop,
      steps: this.#steps(written, path),
      merge: this.#merge(written, path),
      quiet: this.#quiet(written, path),
      atLeast: this.#atLeast(written, path),
    };
  }

  #merge({ merge }: WrittenRoute, path: Path): MergeRule | null {
    const rule = mergeRule(merge, this.#setting.merge);
    if (merge !== undefined && rule?.template) this.#use(rule.template, [...path, 'merge', 'template']);
    return rule;
  }

  #quiet(written: WrittenRoute, path: Path): QuietRule | null {
    const urgent = this.#condition(written.urgent, [...path, 'urgent']);
    const { quietHours } = this.#setting;
    const windows = quietWindows(written, path, { quietHours, document: this.#document, problems: this.problems });
    const named = (written.quiet_hours ?? []).map((name) => ({ name, windows: quietHours[name] ?? [] }));
    return windows && { named, windows, urgent };
  }

  #atLeast({ at_least: written }: WrittenRoute, path: Path): ThresholdRule | null {
    if (written === undefined) return null;
    const { count, within: withinMs, per } = written;
    const at = [...path, 'at_least', 'per'];
    return { count, withinMs, per: per === undefined ? null : this.#expression(per, at, { vocabulary: 'event' }) };
  }

  #steps(written: WrittenRoute, path: Path): RouteStep[] {
    return stepsOf(written).flatMap(({ verb, step, at }) => {
      const { channel, to, ...keys } = step;
      const where = [...path, ...at];
      for (const key of verb.templates) this.#use(String(keys[key]), [...where, key]);
      const address = {
        channel: channel === undefined ? null : this.#channel(channel, where),
        to: to === undefined ? null : this.#people(to, [...where, 'to']),
      };
      const known = address.channel !== null || address.to !== null;
      return known ? [{ verb: verb.name, ...address, keys }] : [];
    });
  }

  #use(template: string, path: Path): void {
    this.uses.push({ template, path });
  }

  #condition(source: string | undefined, path: Path): Expression | null {
    return source === undefined ? null : this.#expression(source, path, { vocabulary: 'event', result: 'bool' });
  }

  #expression(source: string, path: Path, options: ExpressionOptions): Expression | null {
    const compiled = compileExpression(source, options);
    if (compiled.ok) return compiled.expression;
    const { code, message, offset } = compiled.error;
    this.problems.push({ ...this.#document.placeWithin(path, offset), code, message, remedy: caret(source, offset) });
    return null;
  }

  #people(source: string, path: Path): Expression | null {
    const to = this.#expression(source, path, { vocabulary: 'event' });
    if (to === null || !NOBODY.test(to.type)) return to;
    this.problems.push({
      ...this.#document.place(path),
      code: 'expression-type',
      message: 'This gives no people, no ids and no e-mail addresses.',
      remedy: 'Such as: event.assignees.added, event.actor, event.payload.owner_email, ["maria@example.com"].',
    });
    return null;
  }

  #channel(source: string, step: Path): Text | null {
    const path = [...step, 'channel'];
    const compiled = slackTexts.compile(source, 'name');
    if (compiled.ok) return compiled.text;
    const { code, message, offset, remedy = caret(source, offset) } = compiled.error;
    this.problems.push({ ...this.#document.placeWithin(path, offset), code, message, remedy });
    return null;
  }
}

/** `*` stands for any run of characters; everything else for itself. */
export function topicPattern(patterns: readonly string[]): (topic: string) => boolean {
  if (patterns.includes('*')) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns.filter((pattern) => pattern.includes('*')).map((pattern) => pattern.split('*'));
  return (topic) => exact.has(topic) || globs.some((parts) => matchesParts(topic, parts));
}

/** The parts between the stars, each at its first place after the one before: linear, however many stars there are. */
function matchesParts(topic: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  const end = topic.length - last.length;
  if (end < first.length || !topic.startsWith(first) || !topic.endsWith(last)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = topic.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return from <= end;
}
