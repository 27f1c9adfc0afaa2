/** The `routes:` of a config file as they stand there, for those who edit them. */
import { isMap, isScalar, parseDocument } from 'yaml';
import { variablesIn } from './environment.ts';

export interface RoutesInFile {
  /** From `routes:` to the end of the section: whole lines, variables as they are written. */
  readonly text: string;
  /** On which line of the file it begins, from 1. */
  readonly line: number;
  /** The variables that it uses and the rest of the file does not: none of them holds a secret of the config. */
  readonly variables: readonly string[];
}

/** Null for what is no YAML, or has no section of that name with lines of its own. */
export function routesInFile(config: string): RoutesInFile | null {
  const document = parseDocument(config);
  const { contents, errors } = document;
  if (errors.length > 0 || !isMap(contents) || contents.flow === true) return null;
  const starts = contents.items.map(({ key }) => (isScalar(key) ? (key.range?.[0] ?? 0) : 0));
  const index = contents.items.findIndex(({ key }) => isScalar(key) && key.value === 'routes');
  const start = starts[index];
  if (start === undefined) return null;
  const end = starts[index + 1] ?? config.length;
  // What stands at the margin above the next key is about that.
  const text = config.slice(start, end).replace(/(\n(?:#.*|[ \t]*))+$/, '\n');
  const elsewhere = new Set(variablesIn(config.slice(0, start) + config.slice(end)));
  const variables = variablesIn(text).filter((name) => !elsewhere.has(name));
  return { text, line: config.slice(0, start).split('\n').length, variables };
}
