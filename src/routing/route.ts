/** Routes made ready to run: topics as patterns, conditions and channels compiled and checked. */
import type { Problem } from '../core/problem.ts';
import { caret } from '../language/caret.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { compileExpression, type Expression, type ExpressionOptions } from '../language/expression.ts';
import type { Text } from '../language/text.ts';
import { slackTexts } from '../templates/text.ts';
import type { QuietWindow } from './quiet-hours.ts';
import { idleKeys, type MergeRule, mergeRule, type QuietHours, quietWindows } from './rules.ts';
import type { WrittenRoute } from './schema.ts';

export type Step =
  | { readonly verb: 'card' | 'post'; readonly channel: Text; readonly template: string }
  | {
      readonly verb: 'reply';
      readonly channel: Text;
      readonly template: string;
      readonly root: string;
      readonly broadcast: boolean;
    }
  | { readonly verb: 'dm'; readonly to: Expression; readonly template: string }
  | { readonly verb: 'react'; readonly channel: Text; readonly emoji: string };

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
  readonly steps: readonly Step[];
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
const NOBODY = /^(bool|int|uint|double|Event|Action|Assignees|Message|list<(bool|int|uint|double)>)$/;

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
    this.problems.push(...idleKeys(written, path, this.#document));
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

  #steps(written: WrittenRoute, path: Path): Step[] {
    const { card, reply, post, dm, react } = written;
    return [
      ...this.#each(card, [...path, 'card'], (item, at) => this.#messageStep('card', item, at)),
      ...this.#each(reply, [...path, 'reply'], (item, at) => {
        const channel = this.#channel(item.channel, at);
        this.#use(item.template, [...at, 'template']);
        this.#use(item.root, [...at, 'root']);
        return channel && { verb: 'reply', ...item, channel };
      }),
      ...this.#each(post, [...path, 'post'], (item, at) => this.#messageStep('post', item, at)),
      ...this.#each(dm, [...path, 'dm'], (item, at) => {
        this.#use(item.template, [...at, 'template']);
        const to = this.#people(item.to, [...at, 'to']);
        return to && { verb: 'dm', to, template: item.template };
      }),
      ...this.#each(react, [...path, 'react'], (item, at) => {
        const channel = this.#channel(item.channel, at);
        return channel && { verb: 'react', channel, emoji: item.emoji };
      }),
    ];
  }

  #each<T>(items: readonly T[] | undefined, path: Path, make: (item: T, path: Path) => Step | null): Step[] {
    return (items ?? []).map((item, index) => make(item, [...path, index])).filter((step) => step !== null);
  }

  #messageStep(verb: 'card' | 'post', item: { channel: string; template: string }, path: Path): Step | null {
    this.#use(item.template, [...path, 'template']);
    const channel = this.#channel(item.channel, path);
    return channel && { verb, channel, template: item.template };
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
