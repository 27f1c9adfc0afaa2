/**
 * JSON Schemas of what users write, for editors: made of the same definitions that check it. They describe a file as it
 * stands, before variables are replaced.
 */
import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A pattern for text that holds a variable, which may turn out to be anything. */
export const VARIABLE = '\\$\\{';

const AS_WRITTEN = 'asWritten';

/** Says in JSON Schema what a value looks like in the file, where zod alone could not tell. */
export function asWritten<T extends z.ZodType>(schema: T, json: JsonSchema): T {
  return schema.meta({ [AS_WRITTEN]: json });
}

export interface SchemaAbout {
  /** A URI; it need not lead anywhere. */
  readonly id: string;
  readonly title: string;
  /** Whether `${NAME}` is replaced in its strings. */
  readonly variables: boolean;
  /** What an editor may suggest, by the place in the schema: `properties/name`. */
  readonly examples?: Readonly<Record<string, readonly string[]>>;
}

/** In the draft that editors know best. */
export function jsonSchema(schema: z.ZodType, { id, title, variables, examples = {} }: SchemaAbout): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-07',
    override({ jsonSchema: node, path }) {
      replaceAsWritten(node);
      // What is read as a URL is told by its pattern; not every editor knows formats.
      if (node.format === 'uri') {
        delete node.format;
        node.pattern = '^https?://.';
      }
      if (variables && path.at(-1) !== 'propertyNames') allowVariables(node);
      const suggested = examples[path.join('/')];
      if (suggested !== undefined) node.examples = [...suggested];
    },
  });
  return { $id: id, title, ...json };
}

function replaceAsWritten(node: Record<string, unknown>): void {
  const written = node[AS_WRITTEN];
  if (typeof written !== 'object' || written === null) return;
  for (const key of [AS_WRITTEN, 'type', 'anyOf']) delete node[key];
  Object.assign(node, written);
}

/** A text that is not any text may also be a variable. */
function allowVariables(node: Record<string, unknown>): void {
  const { type, pattern, enum: values } = node;
  if (type !== 'string' || (pattern === undefined && values === undefined)) return;
  if (typeof pattern === 'string' && pattern.includes(VARIABLE)) return;
  for (const key of ['type', 'pattern', 'enum']) delete node[key];
  const narrow = values === undefined ? { type, pattern } : { type, enum: values };
  node.anyOf = [narrow, { type: 'string', pattern: VARIABLE }];
}
