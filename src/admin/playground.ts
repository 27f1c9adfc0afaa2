/** `/api/playground`: what would become of an event by rules that nobody has saved. */
import type Router from '@koa/router';
import { z } from 'zod';
import type { Playground, PlaygroundRequest } from '../dry-run/playground/playground.ts';
import { object } from '../language/schema.ts';
import { number } from '../language/values.ts';
import { instant } from '../sources/instant.ts';
import { fail } from './errors.ts';
import { readJson } from './json-body.ts';
import { described } from './requests.ts';

/** Of an event's body: as much as a sender may post by default. */
const LONGEST_BODY = 256 * 1024;
const LONGEST_TEXT = 128 * 1024;
/** All of it, in which every character may be escaped. */
const REQUEST_LIMIT_BYTES = 1024 * 1024;

const name = z.string().min(1).max(200);
const whole = { integer: true };
const TEMPLATE_NAME = 'The name of a template is its file name without .yaml: letters, digits, dots, - and _.';

const choice = z.union(
  [
    object({ number: number(0, Number.MAX_SAFE_INTEGER, whole) }),
    object({ source: name.optional(), topic: name, story: number(0, 1_000_000, whole).default(0) }),
    object({ source: name.optional(), body: z.string().max(LONGEST_BODY, 'A body has 256 kB at most.') }),
  ],
  { error: 'An event is needed: { number }, { source, topic, story } or { source, body }, the body as text.' },
);

const routesText = z.string().max(LONGEST_TEXT, 'Routes have 128 kB at most.');

/** ms since the epoch. */
const time = z.string().transform((written, context) => {
  const found = instant(written);
  if (found !== null) return Date.parse(found);
  context.addIssue('A time as in ISO 8601 is needed, such as 2026-03-02T09:00:00Z.');
  return z.NEVER;
});

const requestBody: z.ZodType<PlaygroundRequest> = object({
  event: choice,
  template: object({
    name: z.string().regex(/^[\w][\w.-]{0,99}$/, TEMPLATE_NAME),
    text: z.string().max(LONGEST_TEXT, 'A template has 128 kB at most.'),
  }).optional(),
  routes: z
    .union([
      routesText.transform((text) => ({ text, line: 1 })),
      object({ text: routesText, line: number(1, 1_000_000, whole).default(1) }),
    ])
    .optional(),
  at: time.optional(),
});

/** The router's prefix stands before these paths. */
export function addPlayground(router: Router, playground: Playground): void {
  router.get('/playground/materials', async (context) => {
    context.body = await playground.materials();
  });

  router.post('/playground', async (context) => {
    const read = await readJson(context, REQUEST_LIMIT_BYTES);
    if (!read.ok) return;
    const body = requestBody.safeParse(read.value);
    if (!body.success) return fail(context, 'bad-request', described(body.error));
    const answer = await playground.try(body.data);
    if (answer === null) return fail(context, 'busy');
    context.body = answer;
  });
}
