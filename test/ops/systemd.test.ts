import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const UNIT = resolve(import.meta.dirname, '../../ops/alo-relay.service');
const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
const installed = analyze('--version').error === undefined;

it.skipIf(!installed)('the unit leaves little to attack: an exposure of at most 2.0', () => {
  const { stdout, stderr, status } = analyze('security', '--offline=true', '--threshold=20', UNIT);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/Overall exposure level for alo-relay\.service: [01]\.\d/);
  expect(status).toBe(0);
});
