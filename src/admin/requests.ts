/** What may be asked of the admin listener, checked. Unknown keys are refused. */
import { z } from 'zod';
import { DELIVERY_STATES, FAILED_STATES } from '../core/delivery.ts';
import { LONGEST_MINUTES } from '../history/series.ts';
import { object } from '../language/schema.ts';
import { number } from '../language/values.ts';
import { instant } from '../sources/instant.ts';

const MOST_AT_ONCE = 1000;
const LONGEST_ID = 512;

const WHOLE = { integer: true };
const state = z.enum(DELIVERY_STATES, { error: `One of ${DELIVERY_STATES.join(', ')} is needed.` });
const seq = number(0, Number.MAX_SAFE_INTEGER, WHOLE);

/** One or several, repeated or with commas. */
function listOf<T>(item: z.ZodType<T>) {
  const split = (written: unknown) => [written].flat().flatMap((one) => String(one).split(','));
  return z.preprocess(split, z.array(item).max(MOST_AT_ONCE));
}

/** ms since the epoch. */
const since = z.string().transform((written, context) => {
  const found = instant(written);
  if (found !== null) return Date.parse(found);
  context.addIssue('A time as in ISO 8601 is needed, such as 2026-03-02T09:00:00Z.');
  return z.NEVER;
});

/** The query of GET /api/deliveries. */
export const deliveriesQuery = object({
  state: listOf(state).optional(),
  seq: listOf(seq).optional(),
  since: since.optional(),
  before: seq.optional(),
  limit: number(1, MOST_AT_ONCE, WHOLE).default(50),
});

/** The query of GET /api/audit. */
export const auditQuery = object({
  since: since.optional(),
  before: seq.optional(),
  limit: number(1, MOST_AT_ONCE, WHOLE).default(50),
});

/** An event's, in a path. */
export const eventNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const name = z.string().min(1).max(200);
const MOST_EVENTS = 200;

/** More of them could keep a database busy with one topic for ever. */
const topicGlob = name.regex(/^[^*]*(\*[^*]*){0,2}$/, 'At most two * are possible in a topic.');

/** The query of GET /api/events. */
export const eventsQuery = object({
  source: name.optional(),
  topic: topicGlob.optional(),
  state: state.optional(),
  subject: z.string().min(1).max(LONGEST_ID).optional(),
  channel: name.optional(),
  since: since.optional(),
  until: since.optional(),
  text: name.optional(),
  before: seq.optional(),
  limit: number(1, MOST_EVENTS, WHOLE).default(50),
});

/** The query of GET /api/series. */
export const seriesQuery = object({ minutes: number(1, LONGEST_MINUTES, WHOLE).default(60) });

/** The query of GET /api/lanes. */
export const lanesQuery = object({ limit: number(1, MOST_AT_ONCE, WHOLE).default(50) });

/** The body of POST /api/session. */
export const sessionBody = object({ token: z.string().max(1024) }, 'A JSON object is needed, with the token.');

const idList = z.array(z.string().min(1).max(LONGEST_ID)).max(MOST_AT_ONCE).optional();
const nameList = z.array(name).min(1).max(MOST_AT_ONCE).optional();

/** Which deliveries: all conditions given must hold. */
const SELECTION = {
  ids: idList,
  events: idList,
  states: z.array(z.enum(FAILED_STATES)).optional(),
  since: since.optional(),
  routes: nameList,
  reason_codes: nameList,
  dry_run: z.boolean().default(false),
  by: z.string().trim().min(1).max(200).nullable().default(null),
};

const CONDITIONS = 'ids, events, states (dead, parked), routes, reason_codes or since';

type Selected = z.output<z.ZodObject<typeof SELECTION>>;

function selects({ ids = [], events = [], states = [], since, routes, reason_codes: codes }: Selected): boolean {
  const conditions = [since, routes, codes].some((condition) => condition !== undefined);
  return ids.length + events.length + states.length > 0 || conditions;
}

/** The body of POST /api/replay. */
export const replayBody = object(
  { ...SELECTION, again: z.boolean().default(false) },
  `A JSON object is needed, with ${CONDITIONS}.`,
).refine(selects, { error: `Say what to replay: ${CONDITIONS}.` });

/** The body of POST /api/dismiss. */
export const dismissBody = object(
  {
    ...SELECTION,
    reason: z.string().trim().min(1, 'Say why: the reason is kept.').max(1000),
  },
  `A JSON object is needed, with a reason, and ${CONDITIONS}.`,
).refine(selects, { error: `Say what to dismiss: ${CONDITIONS}.` });

/** In one sentence a problem. */
export function described(error: z.ZodError): string {
  return error.issues
    .map(({ path, message, ...issue }) => {
      const where = path.join('.');
      if (issue.code === 'unrecognized_keys')
        return `Unknown: ${issue.keys.join(', ')}. ${message.replaceAll('\n', ' ')}`;
      return where === '' ? message : `${where}: ${message}`;
    })
    .join(' ');
}
