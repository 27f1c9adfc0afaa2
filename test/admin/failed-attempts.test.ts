import { expect, it } from 'vitest';
import { FailedAttempts } from '../../src/admin/failed-attempts.ts';
import { ManualClock } from '../helpers/clock.ts';

it.each([
  ['10.0.0.1', '::ffff:10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['2001:db8:1:2::1', '2001:0db8:0001:0002:0:0:0:1', true],
  ['2001:db8::1', '2001:db8:0:1::1', false],
  ['fe80::1%eth0', 'fe80::2', true],
  ['::1', '::', true],
  ['', '', true],
])('%j and %j count as one: %s', (one, other, same) => {
  const failed = new FailedAttempts(new ManualClock());
  for (let tries = 0; tries < 10; tries++) failed.note(one);
  expect(failed.blockedMs(other) > 0).toBe(same);
});

it('remembers a bounded number of addresses', () => {
  const failed = new FailedAttempts(new ManualClock());
  for (let tries = 0; tries < 10; tries++) failed.note('10.0.0.1');
  for (let host = 0; host < 1_999; host++) failed.note(`10.1.${host >> 8}.${host & 255}`);
  expect(failed.blockedMs('10.0.0.1')).toBe(60_000);
  failed.note('10.2.0.1');
  expect(failed.blockedMs('10.0.0.1')).toBe(0);
});
