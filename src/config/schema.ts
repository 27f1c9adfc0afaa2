/** The whole config file, composed of the parts' own schemas. The contract stands in config.example.yaml. */
import { z } from 'zod';
import { object } from '../language/schema.ts';
import { durationMs, flag, number, secret, sizeBytes, text } from '../language/values.ts';
import { quietHoursSchema } from '../routing/quiet-hours.ts';
import { mergeSchema, routeSchema } from '../routing/schema.ts';
import { EVENT_FIELDS } from '../sources/candidates.ts';
import { SOURCE_TYPES } from '../sources/source.ts';

export const DEFAULT_JOURNAL = './data/relay.db';

const port = number(0, 65_535, { integer: true });

const server = object({
  host: text.default('0.0.0.0'),
  port: port.default(3000),
  body_limit: sizeBytes.default(256 * 1024),
});

const admin = object({
  host: text.default('127.0.0.1'),
  port: port.default(3001),
  token: secret.optional(),
});

const source = object({
  type: z.enum(SOURCE_TYPES, { error: `One of ${SOURCE_TYPES.join(', ')} is needed.` }),
  secrets: z.array(secret, { error: 'A list of secrets is needed.' }).min(1, 'At least one secret is needed.'),
  fields: object(Object.fromEntries(EVENT_FIELDS.map((field) => [field, text.optional()]))).default({}),
  dedupe: object({ key: text.optional(), window: durationMs.default(15 * 60_000) }).prefault({}),
});

const slack = object({
  token: secret.optional(),
  api_url: z
    .url({ protocol: /^https?$/, error: 'An http or https address is needed.' })
    .default('https://slack.com/api/'),
  fallback_channel: text.optional(),
});

const USER_ID_HELP = "A Slack user's id is needed, such as U024BE7LH (in Slack: profile, ⋮, Copy member ID).";

const people = object({
  match_by_email: flag.default(true),
  map: z
    .record(text, z.string({ error: USER_ID_HELP }).regex(/^[UW][A-Z0-9]{6,}$/, { error: USER_ID_HELP }))
    .default({}),
});

const delivery = object({
  per_channel: object({
    per_second: number(0.01, 100_000).default(1),
    burst: number(1, 100_000, { integer: true }).default(3),
  }).prefault({}),
  merge: mergeSchema.prefault({}),
  retry: object({
    first: durationMs.default(1000),
    max: durationMs.default(5 * 60_000),
    give_up_after: durationMs.default(24 * 3_600_000),
  }).prefault({}),
  timeout: durationMs.default(10_000),
  unknown_outcome: z.enum(['resend', 'hold'], { error: 'resend or hold is needed.' }).default('resend'),
});

export const configSchema = object({
  server: server.prefault({}),
  admin: admin.prefault({}),
  journal: text
    .refine((written) => !/^postgres(ql)?:/.test(written), {
      error: 'Postgres is not supported yet in this version; name a file.',
    })
    .default(DEFAULT_JOURNAL),
  retention: durationMs.default(30 * 86_400_000),
  sources: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
        error: 'The name of a source is part of its address: letters, digits, - and _ only.',
      }),
      source,
    )
    .refine((sources) => Object.keys(sources).length > 0, { error: 'At least one source is needed.' }),
  slack: slack.prefault({}),
  people: people.prefault({}),
  quiet_hours: quietHoursSchema.default({}),
  delivery: delivery.prefault({}),
  templates: text.default('./templates'),
  routes: z.array(routeSchema, { error: 'A list of routes is needed.' }).min(1, 'At least one route is needed.'),
});

export type WrittenConfig = z.output<typeof configSchema>;
