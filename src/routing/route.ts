/** Routes made ready to run: topics as patterns, conditions and channels compiled and checked. */
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { compileExpression, type Expression, type ExpressionOptions } from '../language/expression.ts';
import { compileText, type Text } from '../language/text.ts';
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

export interface Route {
  readonly name: string;
  /** Null: every source. */
  readonly sources: readonly string[] | null;
  readonly takesTopic: (topic: string) => boolean;
  readonly when: Expression | null;
  readonly unmatched: boolean;
  readonly stop: boolean;
  readonly steps: readonly Step[];
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

/** Compiles the routes that stand at `base` in the document. Everything wrong is in `problems`, at its place. */
export function compileRoutes(written: readonly WrittenRoute[], document: SourceDocument, base: Path): CompiledRoutes {
  const compiler = new RouteCompiler(document);
  const routes = written.map((route, index) => compiler.route(route, [...base, index], index));
  return { routes, uses: compiler.uses, problems: compiler.problems };
}

class RouteCompiler {
  readonly uses: TemplateUse[] = [];
  readonly problems: Problem[] = [];
  readonly #document: SourceDocument;

  constructor(document: SourceDocument) {
    this.#document = document;
  }

  route(written: WrittenRoute, path: Path, index: number): Route {
    return {
      name: written.name ?? `route ${index + 1}`,
      sources: written.source ?? null,
      takesTopic: topicPattern(written.on),
      when:
        written.when === undefined
          ? null
          : this.#expression(written.when, [...path, 'when'], { vocabulary: 'event', result: 'bool' }),
      unmatched: written.unmatched,
      stop: written.stop,
      steps: this.#steps(written, path),
    };
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
        const to = this.#expression(item.to, [...at, 'to'], { vocabulary: 'event' });
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

  #expression(source: string, path: Path, options: ExpressionOptions): Expression | null {
    const compiled = compileExpression(source, options);
    if (compiled.ok) return compiled.expression;
    const { code, message, offset } = compiled.error;
    this.problems.push({ ...this.#document.placeWithin(path, offset), code, message, remedy: caret(source, offset) });
    return null;
  }

  #channel(source: string, step: Path): Text | null {
    const path = [...step, 'channel'];
    const compiled = compileText(source, 'name');
    if (compiled.ok) return compiled.text;
    const { code, message, offset, remedy = caret(source, offset) } = compiled.error;
    this.problems.push({ ...this.#document.placeWithin(path, offset), code, message, remedy });
    return null;
  }
}

/** The line of the source with a caret below the place. */
function caret(source: string, offset: number): string {
  const start = source.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const line = source.slice(start).split('\n')[0] ?? '';
  return `${line}\n${' '.repeat(Math.max(0, offset - start))}^`;
}

/** `*` stands for any run of characters; everything else for itself. */
export function topicPattern(patterns: readonly string[]): (topic: string) => boolean {
  if (patterns.includes('*')) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns
    .filter((pattern) => pattern.includes('*'))
    .map((pattern) => new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 's'));
  return (topic) => exact.has(topic) || globs.some((glob) => glob.test(topic));
}
