import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { writeJson } from '../../src/core/json.ts';
import { dryRun } from '../../src/dry-run/dry-run.ts';
import { eventFrom } from '../../src/dry-run/event.ts';
import { explainJson } from '../../src/dry-run/explain-json.ts';
import { guessDedupe, guessFields } from '../../src/sources/guess.ts';
import { copyExample, loadWith, VARIABLES } from '../helpers/example.ts';

const AT = Date.parse('2026-03-03T11:00Z');

let folder: string;
let example: Config;

beforeAll(async () => {
  folder = await copyExample();
  example = await loadWith(VARIABLES);
});

afterAll(() => rm(folder, { recursive: true }));

const TOPICS = [
  'action_created',
  'action_message_added',
  'action_assignment_changed',
  'call.completed',
  'sms.sent',
  'x',
];
const KEYS = [
  ...['type', 'topic', 'event', 'id', 'action', 'data', 'payload', 'object', 'title', 'name', 'status', 'priority'],
  ...['due_at', 'timestamp', 'assignees', 'changes', 'added', 'message', 'text', 'actor', 'user', 'email', 'url'],
  ...['__proto__', 'constructor', 'toString', 'valueOf', 'toJSON', 'length', 'kind', 'then'],
];

/** As text, because a value cannot hold a key twice or the digits of a large number. */
const scalars = fc.oneof(
  fc.json({ maxDepth: 1 }),
  fc.bigInt({ min: -(10n ** 45n), max: 10n ** 45n }).map(String),
  fc.constantFrom('1e400', '-0', '12345678901234567890.5', '1772442000123456789', 'true', 'null'),
  fc
    .oneof(
      fc.constantFrom('0001-01-01T00:00:00Z', '9999-12-31', '2026-02-30', '2026-03-02T25:00Z', '<!channel>', '{{ x }}'),
      fc.constantFrom('https://a.b/c', 'maria@example.com', '\u0000', '\ud800', ...TOPICS),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    .map((text) => JSON.stringify(text)),
);
const { tree } = fc.letrec<{ tree: string; object: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    scalars,
    tie('object'),
    fc.array(tie('tree'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...KEYS), tie('tree')), { maxLength: 8 })
    .map((entries) => `{${entries.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
}));
const bodies = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom(...TOPICS), tree)
      .map(([topic, data]) => `{"type":"${topic}","data":${data},"action":${data}}`),
  },
  { weight: 4, arbitrary: tree },
  { weight: 1, arbitrary: fc.nat({ max: 300 }).map((levels) => `${'{"data":'.repeat(levels)}1${'}'.repeat(levels)}`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

it('no body makes reading, planning, rendering, explaining or guessing fail', async () => {
  const render = [...example.templates.values()];
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      for (const source of example.sources) {
        const { event } = eventFrom(source, body, AT);
        const run = await dryRun(event, example, { at: AT });
        const faults = run.routes.flatMap(({ deliveries }) => deliveries.map(({ fault }) => fault));
        expect(faults.filter((fault) => fault !== null && /render|template/i.test(fault))).toEqual([]);
        for (const template of render) template.render(event, { mention: () => undefined });
        writeJson(explainJson(run));
        const examination = source.examine(event.payload, AT);
        guessDedupe(examination, guessFields(examination));
      }
    }),
    { numRuns: 150, interruptAfterTimeLimit: 20_000 },
  );
});
