import { type JsonSchema, jsonSchema } from '../language/json-schema.ts';
import { samples } from '../sources/samples.ts';
import { SOURCE_TYPES } from '../sources/source.ts';
import { configSchema } from './schema.ts';

/** The JSON Schema of config files. */
export function configJsonSchema(): JsonSchema {
  return jsonSchema(configSchema, {
    id: 'urn:alo-relay:config',
    title: 'The configuration of alo-relay',
    variables: true,
    examples: {
      'properties/routes/items/properties/on': SOURCE_TYPES.flatMap((type) => samples(type).map(({ topic }) => topic)),
    },
  });
}
