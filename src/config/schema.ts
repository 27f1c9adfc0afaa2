/** The whole config file, composed of the parts' own schemas. The contract stands in config.example.yaml. */

import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';
import { z } from 'zod';
import { DAY_MS, MINUTE_MS } from '../core/clock.ts';
import { DEFAULT_JOURNAL, journalSchema } from '../journal/settings-schema.ts';
import { asWritten, VARIABLE } from '../language/json-schema.ts';
import { object } from '../language/schema.ts';
import { durationMs, expression, flag, number, secret, sizeBytes, text } from '../language/values.ts';
import { quietHoursSchema } from '../routing/quiet-hours.ts';
import { mergeSchema, routeSchema } from '../routing/schema.ts';
import { COLOR_HELP, COLOR_PATTERN, colorOf } from '../slack-format/color.ts';
import { redactSchema } from '../sources/redact.ts';
import { SOURCE_TYPE_NAMES, SOURCE_TYPES } from '../sources/registry.ts';
import { EVENT_FIELDS } from '../sources/source-type.ts';
import { channelName } from '../verbs/keys.ts';

const port = number(0, 65_535, { integer: true });

const HOST_HELP = 'An address or the name of a host is needed, such as 127.0.0.1 or "::1", without http:// and port.';
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** In an address of the web, IPv6 addresses stand in brackets. */
const host = asWritten(
  z
    .string({ error: ({ input }) => (Array.isArray(input) ? 'Put the address in quotes, as in "::1".' : HOST_HELP) })
    .transform(withoutBrackets)
    .refine((written) => isIP(written) !== 0 || HOST_NAME.test(written), { error: HOST_HELP }),
  { type: 'string', anyOf: [{ pattern: '^[^/\\[\\s]+$|^\\[[^\\]]+\\]$' }, { pattern: VARIABLE }] },
);

function withoutBrackets(written: string): string {
  return written.trim().replace(/^\[(.*)\]$/, '$1');
}

const PROXIES_HELP = 'A list of addresses or CIDR ranges is needed, such as [127.0.0.1, 10.0.0.0/8].';

const proxyAddress = asWritten(
  z.string({ error: PROXIES_HELP }).transform(withoutBrackets).refine(isProxyAddress, { error: PROXIES_HELP }),
  { type: 'string', pattern: `^\\[?[0-9a-fA-F:.]+(/\\d{1,3})?\\]?$|${VARIABLE}` },
);

function isProxyAddress(written: string): boolean {
  try {
    proxyAddr.compile(written);
    // It also knows some addresses by names.
    return isIP(written.replace(/\/\d+$/, '')) !== 0;
  } catch {
    return false;
  }
}

const server = object({
  host: host.default('0.0.0.0').describe('The address on which webhooks are received. Default: 0.0.0.0, all of them.'),
  port: port.default(3000).describe('The port on which webhooks are received. Default: 3000.'),
  body_limit: sizeBytes.default(256 * 1024).describe('A larger body is answered 413. Default: 256kb.'),
  body_budget: sizeBytes
    .default(64 * 1024 * 1024)
    .describe('Held at most of all bodies still arriving; beyond it the slowest are answered 503. Default: 64mb.'),
  max_connections: number(1, 1_000_000, { integer: true })
    .default(2000)
    .describe('Connections at once; further ones are closed. Default: 2000.'),
  trusted_proxies: z
    .array(proxyAddress, { error: PROXIES_HELP })
    .default(['127.0.0.1', '::1'])
    .describe('Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed. Default: this machine.'),
});

const admin = object({
  host: host
    .default('127.0.0.1')
    .describe('Where deliveries and replay reach the running service. Default: 127.0.0.1; any other needs a token.'),
  port: port.default(3001).describe('Default: 3001.'),
  token: secret
    .optional()
    .describe('The operator\'s token, asked from everybody as "Authorization: Bearer …". Write "${ADMIN_TOKEN}".'),
  read_only_token: secret
    .optional()
    .describe(
      'Shows everything, and can neither replay nor dismiss. Needs token beside it. Write "${ADMIN_READ_ONLY_TOKEN}".',
    ),
});

const FIELDS_HELP = 'Where a field of the event is in the body, such as { subject: payload.action.id }, is needed.';

const fields = object(
  Object.fromEntries(
    EVENT_FIELDS.map((field) => [
      field,
      expression.optional().describe(`CEL over payload: where ${field} is in the body, instead of the usual places.`),
    ]),
  ),
  FIELDS_HELP,
);

const dedupe = object({
  key: expression
    .optional()
    .describe('CEL over payload: what makes an event the same one, where the sender gives no id.'),
  window: durationMs
    .default(15 * MINUTE_MS)
    .describe('Without id and key, the same body within this time is a duplicate. Default: 15m.'),
});

const source = object(
  {
    type: z
      .enum(SOURCE_TYPE_NAMES, { error: `One of ${SOURCE_TYPE_NAMES.join(', ')} is needed.` })
      .describe(`Who sends: ${SOURCE_TYPE_NAMES.map((name) => `${name} (${SOURCE_TYPES[name].sends})`).join(', ')}.`),
    secrets: z
      .array(secret, { error: 'A list of secrets is needed, such as ["${ALO_WEBHOOK_SECRET}"].' })
      .min(1, 'At least one secret is needed, such as "${ALO_WEBHOOK_SECRET}".')
      .describe('The signing secrets that the sender shows: several while rotating. Write "${ALO_WEBHOOK_SECRET}".'),
    fields: fields.default({}).describe('Where fields of the event are in the body, where the usual places are wrong.'),
    dedupe: dedupe.prefault({}).describe('What makes an event the same one as before.'),
    redact: redactSchema.optional().describe('Paths in the body whose values are replaced before it is stored.'),
  },
  'A source is needed, such as { type: alo, secrets: ["${ALO_WEBHOOK_SECRET}"] }.',
);

const ADMIN_URL_HELP =
  'The http or https address at which people open the dashboard is needed, without user, query and #, such as https://relay.example.com/.';

/** Links are made of it: what follows a `?` or `#` would swallow them, and a password would be in a channel. */
const adminUrl = z
  .string({ error: ADMIN_URL_HELP })
  .regex(/^https?:\/\/[^\s?#@]+$/, { error: ADMIN_URL_HELP, abort: true })
  .refine((url) => URL.canParse(url), { error: ADMIN_URL_HELP, abort: true })
  .transform((url) => new URL(url.replace(/\/*$/, '/')).href);

const slack = object({
  token: secret.optional().describe('The Bot User OAuth Token, xoxb-…. Write "${SLACK_BOT_TOKEN}".'),
  api_url: z
    .url({ protocol: /^https?$/, error: 'An http or https address is needed.' })
    .default('https://slack.com/api/')
    .describe('Where the Slack Web API is.'),
  admin_url: adminUrl
    .optional()
    .describe('Where people open the dashboard, such as https://relay.example.com/: reports in Slack link to it.'),
  fallback_channel: channelName
    .optional()
    .describe('Where it is told what did not arrive: one message a channel, reason and day, whose count goes up.'),
});

const USER_ID_HELP =
  "The id of a Slack user or user group is needed, such as U024BE7LH (in Slack: profile, ⋮, Copy member ID) or S0614TZR7 (the group's menu, Copy group ID).";

const people = object({
  match_by_email: flag.default(true).describe('Find people in Slack by their e-mail address. Default: true.'),
  map: z
    .record(text, z.string({ error: USER_ID_HELP }).regex(/^[UWS][A-Z0-9]{6,}$/, { error: USER_ID_HELP }))
    .default({})
    .describe(
      'An id, e-mail address or name, and the id of the Slack user (U…) or user group (S…) it stands for. Comes before the look-up.',
    ),
});

const color = asWritten(
  z.string({ error: COLOR_HELP }).transform((written, context) => {
    const found = colorOf(written);
    if (found === null) context.addIssue({ code: 'custom', message: COLOR_HELP });
    return found ?? '';
  }),
  { type: 'string', anyOf: [{ pattern: COLOR_PATTERN }, { pattern: VARIABLE }] },
);

const delivery = object({
  per_channel: object({
    per_second: number(0.01, 100_000).default(1).describe('Messages a second into one conversation. Default: 1.'),
    burst: number(1, 100_000, { integer: true }).default(3).describe('How many may go at once. Default: 3.'),
  })
    .prefault({})
    .describe('How fast one conversation is written to: Slack takes about one message a second.'),
  merge: mergeSchema
    .prefault({})
    .describe('When more wait for one conversation than when_waiting, they go out together. false: always singly.'),
  retry: object({
    first: durationMs.default(1000).describe('The first wait; each later one is twice as long. Default: 1s.'),
    max: durationMs.default(5 * MINUTE_MS).describe('The longest wait. Default: 5m.'),
    give_up_after: durationMs
      .default(DAY_MS)
      .describe('Since the event was accepted; then the delivery is dead, with its reason. Default: 24h.'),
  })
    .prefault({})
    .describe('How what Slack could not take is tried again.'),
  timeout: durationMs.default(10_000).describe('For one call to Slack. Default: 10s.'),
  max_per_event: number(1, 1000, { integer: true })
    .default(100)
    .describe(
      'Deliveries that one event makes at most, the first in the order of the routes. The rest of each route is listed as one dead delivery. Default: 100.',
    ),
  unknown_outcome: z
    .enum(['resend', 'hold'], { error: 'resend or hold is needed.' })
    .default('resend')
    .describe('A message whose answer got lost and that is not to be found: send it again, or hold it for a replay.'),
});

const HEADER_HELP = 'The name of an HTTP header is needed: letters, digits and - only.';

const telemetry = object({
  otlp: object({
    endpoint: z
      .url({ protocol: /^https?$/, error: 'An http or https address is needed, such as http://localhost:4318.' })
      .describe(
        'Of an OpenTelemetry collector, such as http://localhost:4318: traces are posted to /v1/traces under it, as OTLP over HTTP (JSON).',
      ),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/, { error: HEADER_HELP }), secret)
      .default({})
      .describe('Sent along, such as { authorization: "Bearer ${OTLP_TOKEN}" }.'),
  })
    .optional()
    .describe(
      'Where traces go. Without it, OTEL_EXPORTER_OTLP_ENDPOINT of the environment says; without both, nowhere.',
    ),
});

const SOURCE_NAME_HELP =
  'The name of a source is part of its address: letters, digits, - and _ only, 64 at most, a letter or digit first.';

const SOURCES_HELP =
  'At least one source with a name is needed, such as alo: { type: alo, secrets: ["${ALO_WEBHOOK_SECRET}"] }.';

const ROUTES_HELP =
  'A list of routes is needed, such as - { on: action_created, post: { channel: "#general", template: any_event } }.';

export const configSchema = object({
  server: server.prefault({}).describe('Where webhooks are received.'),
  admin: admin.prefault({}).describe('The listener for deliveries and replay.'),
  journal: journalSchema
    .default(DEFAULT_JOURNAL)
    .describe(
      'Where it is kept what was accepted and what is owed: a file (default: ./data/relay.db, from this file), or a Postgres database for several instances: "${DATABASE_URL}", or { url, schema, pool, tls }.',
    ),
  retention: durationMs
    .default(30 * DAY_MS)
    .describe("How long what has ended is kept, and a sender's message id remembered. Default: 30d."),
  sources: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { error: SOURCE_NAME_HELP }), source, {
      error: SOURCES_HELP,
    })
    .refine((sources) => Object.keys(sources).length > 0, { error: SOURCES_HELP })
    .describe('Who sends webhooks, by name. The name is the address: POST /webhooks/<name>.'),
  slack: slack.prefault({}).describe('The workspace that is written to.'),
  people: people.prefault({}).describe("How people of the sender's are found in Slack."),
  colors: z
    .record(text, color)
    .default({})
    .describe(
      'The bar beside a message by a value, such as { Critical: "#d00000", Completed: good }: {{ event.action.priority | color }} in a template.',
    ),
  quiet_hours: quietHoursSchema
    .default({})
    .describe('Windows of time, by name, for routes to name: what they send then is held until the window ends.'),
  delivery: delivery.prefault({}).describe('How messages are sent.'),
  telemetry: telemetry
    .prefault({})
    .describe(
      'Traces: what became of each event, step by step. Metrics need no setting: /metrics of the admin listener has them.',
    ),
  templates: text.default('./templates').describe('The folder of message templates. Default: ./templates.'),
  routes: z
    .array(routeSchema, { error: ROUTES_HELP })
    .min(1, ROUTES_HELP)
    .describe('Which events go where. Read from top to bottom; every match fires; stop: true ends the reading.'),
});

export type WrittenConfig = z.output<typeof configSchema>;
