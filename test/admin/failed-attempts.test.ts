import { expect, it } from 'vitest';
import { FailedAttempts } from '../../src/admin/failed-attempts.ts';

/** What an eleventh wrong token is answered after ten of `one`. */
async function afterTen(one: string, other: string): Promise<number> {
  const failed = new FailedAttempts();
  for (let tries = 0; tries < 10; tries++) expect(await failed.note(one)).toBe(0);
  return failed.note(other);
}

it.each([
  ['10.0.0.1', '::ffff:10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['2001:db8:1:2::1', '2001:0db8:0001:0002:0:0:0:1', true],
  ['2001:db8::1', '2001:db8:0:1::1', false],
  ['fe80::1%eth0', 'fe80::2', true],
  ['::1', '::', true],
  ['', '', true],
])('%j and %j count as one: %s', async (one, other, same) => {
  expect((await afterTen(one, other)) > 0).toBe(same);
});

it('remembers a bounded number of networks: beyond it every wrong token is one too many', async () => {
  const failed = new FailedAttempts();
  for (let host = 0; host < 2_000; host++) {
    expect(await failed.note(`10.1.${host >> 8}.${host & 255}`)).toBe(0);
  }
  expect(await failed.note('10.2.0.1')).toBeGreaterThan(0);
});
