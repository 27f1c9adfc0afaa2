import { expect, it } from 'vitest';
import { createOverview } from '../../src/admin/overview.ts';
import type { Backlog } from '../../src/journal/contract.ts';
import { journalError } from '../../src/journal/errors.ts';
import { ManualClock } from '../helpers/clock.ts';
import { TALLY } from './listener.ts';

const START = Date.parse('2026-03-02T09:00:00Z');
const BACKLOG: Backlog = {
  ...{ lanes: 2, deliveries: 3, oldestAt: START, oldestPendingAt: START, longest: [] },
  byState: { pending: 3, sending: 0, held: 0 },
  failed: { dead: 0, parked: 0 },
};
const READY = {
  ready: true,
  checks: {
    journal: { ok: true },
    slack: { ok: true, detail: 'No history.', code: 'missing_scope' },
    config: { ok: true },
  },
};

it('says how it is, what is wrong with the files, and what waits', async () => {
  const problem = { file: 'a.yaml', line: 2, column: 3, code: 'unknown-key', message: 'What?' };
  const overview = createOverview({
    readiness: async () => READY,
    config: () => ({ file: 'config.yaml', loadedAt: START, problems: [problem, { ...problem, remedy: 'This.' }] }),
    journal: { tally: async () => TALLY, backlog: async () => BACKLOG },
    sources: async () => [
      { source: 'alo', lastAt: START, usualMs: 60_000, silent: true },
      { source: 'allo', lastAt: null, usualMs: null, silent: false },
    ],
    clock: new ManualClock(START),
  });
  const place = { file: 'a.yaml', line: 2, column: 3, message: 'What?' };
  expect(await overview()).toEqual({
    ready: true,
    checks: [
      { name: 'journal', ok: true, detail: null, code: null, since: null },
      { name: 'slack', ok: true, detail: 'No history.', code: 'missing_scope', since: null },
      { name: 'config', ok: true, detail: null, code: null, since: null },
    ],
    config: {
      file: 'config.yaml',
      loaded_at: '2026-03-02T09:00:00.000Z',
      problems: [
        { ...place, remedy: null },
        { ...place, remedy: 'This.' },
      ],
    },
    tally: TALLY,
    lanes: { unfinished: 2, oldest_at: '2026-03-02T09:00:00.000Z' },
    sources: [
      { source: 'alo', last_at: '2026-03-02T09:00:00.000Z', usual_seconds: 60, silent: true },
      { source: 'allo', last_at: null, usual_seconds: null, silent: false },
    ],
  });
});

it('while the journal is away it is told all the same, with the numbers from before', async () => {
  const clock = new ManualClock(START);
  let away = false;
  const asked = async <T>(value: T) => {
    if (away) throw journalError('journal-unreachable', 'db');
    return value;
  };
  const overview = createOverview({
    readiness: async () => READY,
    config: () => ({ file: 'config.yaml', loadedAt: START, problems: [] }),
    journal: { tally: () => asked(TALLY), backlog: () => asked(BACKLOG) },
    sources: async () => [],
    clock,
  });
  await overview();
  away = true;
  await clock.advance(1_000);
  expect((await overview()).tally).toEqual(TALLY);
});

it('a journal that does not answer keeps nobody from hearing so', async () => {
  const clock = new ManualClock(START);
  const never = () => new Promise<never>(() => undefined);
  const overview = createOverview({
    readiness: async () => READY,
    config: () => ({ file: 'config.yaml', loadedAt: START, problems: [] }),
    journal: { tally: never, backlog: never },
    sources: never,
    clock,
  });
  const asked = overview();
  await clock.advance(3_000);
  expect(await asked).toMatchObject({ ready: true, sources: [], lanes: { unfinished: 0 } });
});
