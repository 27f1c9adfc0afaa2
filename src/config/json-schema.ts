import { type JsonSchema, jsonSchema } from '../language/json-schema.ts';
import { SOURCE_TYPE_NAMES, SOURCE_TYPES } from '../sources/registry.ts';
import { configSchema } from './schema.ts';

/** The JSON Schema of config files. */
export function configJsonSchema(): JsonSchema {
  return jsonSchema(configSchema, {
    id: 'urn:alo-relay:config',
    title: 'The configuration of alo-relay',
    variables: true,
    examples: {
      'properties/routes/items/properties/on': SOURCE_TYPE_NAMES.flatMap((type) =>
        SOURCE_TYPES[type].samples.map(({ topic }) => topic),
      ),
    },
  });
}
