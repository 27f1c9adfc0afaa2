import { expect, test, vi } from 'vitest';
import { faultPoint } from '../../src/core/fault-point.ts';
import { json } from './far-end.ts';
import { PLACEMENT, POSTING, slackThat } from './near-end.ts';

vi.mock('../../src/core/fault-point.ts', () => ({ faultPoint: vi.fn() }));

test('a fault point is passed before each post, and after Slack took a message or a change', async () => {
  const passed = vi.mocked(faultPoint).mockClear();
  const before = ['deliver.posting'];
  const answers = [
    { ok: false, error: 'fatal_error' },
    { ok: true, channel: 'C0AAA', ts: '1.2' },
    { ok: false, error: 'message_not_found' },
    { ok: true },
  ];
  const { gateway } = await slackThat((call, response, socket) => json(answers.shift())(call, response, socket));
  await gateway.post(POSTING);
  expect(passed.mock.calls).toEqual([before]);
  await gateway.post(POSTING);
  expect(passed.mock.calls).toEqual([before, before, ['deliver.posted']]);
  await gateway.update(PLACEMENT, POSTING.message);
  await gateway.update(PLACEMENT, POSTING.message);
  expect(passed.mock.calls).toEqual([before, before, ['deliver.posted'], ['deliver.updated']]);
});
