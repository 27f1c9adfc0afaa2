/**
 * What the environment or a file gave is shown by the name of its variable, wherever it was used: `${NAME}` may hold a
 * secret in any place, and messages quote what is written there.
 */
import { readFile } from 'node:fs/promises';
import type { Problem } from '../core/problem.ts';
import { type Variables, variablesIn } from './environment.ts';
import { resolveVariables } from './variable-files.ts';

/** Shorter values are ports, switches and units. */
const SHORTEST = 6;

/** Of a value that was taken apart, such as by a parser, this much still gives it away. */
const SHORTEST_PART = 4;

/** Problems that quote pieces of an expression or of Liquid; the others are told in words of ours. */
const QUOTING = /^(?:expression-|text-|unknown-field|unknown-filter|tag-not-allowed|bad-pattern|bad-time)/;

const CARET = /^(.*)\n( *)\^$/;

export class Mask {
  /** The longest first: one may hold another. */
  readonly #values: readonly (readonly [name: string, value: string])[];
  /** The variables of the entry that each line of the file belongs to. */
  readonly #lines: readonly (readonly string[])[];
  readonly #file: string;

  constructor(text: string, file: string, variables: Variables) {
    this.#file = file;
    this.#values = variablesIn(text)
      .flatMap((name) =>
        [variables[name] ?? '']
          .flatMap((value) => [value, ...value.split('\n')])
          .map((value) => [name, value.trim()] as const),
      )
      .filter(([, value]) => value.length >= SHORTEST)
      .toSorted(([, a], [, b]) => b.length - a.length);
    this.#lines = this.#values.length === 0 ? [] : variablesByLine(text);
  }

  text(text: string): string {
    return this.#values.reduce((masked, [name, value]) => masked.replaceAll(value, `\${${name}}`), text);
  }

  /** Of an expression: all of it may be within one value. */
  piece(text: string): string {
    const around = this.#values.find(([, value]) => text.length >= SHORTEST_PART && value.includes(text));
    return around === undefined ? this.text(text) : `\${${around[0]}}`;
  }

  problem(problem: Problem): Problem {
    if (this.#values.length === 0) return problem;
    const { file, code, message, remedy } = problem;
    const here = file === this.#file && QUOTING.test(code) ? (this.#lines[problem.line - 1] ?? []) : [];
    return {
      ...problem,
      file: file === this.#file ? file : this.text(file),
      message: this.#withoutParts(message, here),
      ...(remedy !== undefined && { remedy: this.#remedy(remedy, here) }),
    };
  }

  #remedy(remedy: string, here: readonly string[]): string {
    const [, line, indent = ''] = CARET.exec(remedy) ?? [];
    if (line === undefined) return this.#withoutParts(remedy, here);
    const masked = this.#withoutParts(line, here);
    // The place within a value that is not shown is not shown either.
    return masked === line ? remedy : `${masked}\n${' '.repeat(this.text(line.slice(0, indent.length)).length)}^`;
  }

  #withoutParts(text: string, names: readonly string[]): string {
    const values = this.#values.filter(([name]) => names.includes(name));
    const partOf = (word: string) => values.find(([, value]) => value.includes(word));
    return this.text(text).replaceAll(/(\$\{\w+\})|\w+/g, (word, reference: string | undefined) => {
      if (reference !== undefined || word.length < SHORTEST_PART) return word;
      const found = partOf(word);
      return found === undefined ? word : `\${${found[0]}}`;
    });
  }
}

/** For what is not a problem of the file, and may still quote it. */
export async function maskOf(file: string, variables: Variables): Promise<Mask> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const { values } = await resolveVariables(variablesIn(text), variables);
  return new Mask(text, file, values);
}

/** Where a key or an item of a list begins. */
const ENTRY = /^\s*(?:- |["']?[\w.@-]+["']?:(?:\s|$))/;

/** Lines without a key go on with the value above them; what is indented deeper may do so, too. */
function variablesByLine(text: string): string[][] {
  let entry: { indent: number; names: string[] } = { indent: 0, names: [] };
  return text.split('\n').map((line) => {
    if (ENTRY.test(line)) {
      const indent = line.search(/\S/);
      entry = { indent, names: indent > entry.indent ? [...entry.names] : [] };
    }
    entry.names.push(...variablesIn(line));
    return entry.names;
  });
}
