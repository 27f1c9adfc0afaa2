import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { invocation } from '../../src/commands/invocation.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';

let folder: string;
let project: string;

beforeEach(async () => {
  folder = await makeFolder();
  project = join(folder, '_npx/0123abcd');
  await mkdir(project, { recursive: true });
});

afterEach(() => removeFolder(folder));

const script = () => join(project, 'node_modules/.bin/alo-relay');
const npx = (text: string) => writeFile(join(project, 'package.json'), text);

it('from a clone or an installed package', () => {
  expect(invocation({ executable: null, script: '/srv/app/dist/cli.js' })).toBe('npx alo-relay');
  expect(invocation()).toBe('npx alo-relay');
});

it('as one file, as it was typed', () => {
  expect(invocation({ executable: './alo-relay', script: script() })).toBe('./alo-relay');
});

it.each([
  ['a tarball', '{"_npx":{"packages":["./alo-relay-0.2.0.tgz"]}}', 'npx --yes ./alo-relay-0.2.0.tgz'],
  ['a name', '{"_npx":{"packages":["alo-relay"]}}', 'npx alo-relay'],
  ['no package', '{"_npx":{"packages":[]}}', 'npx alo-relay'],
  ['no JSON', '{', 'npx alo-relay'],
])('by npx with %s', async (_what, manifest, expected) => {
  await npx(manifest);
  expect(invocation({ executable: null, script: script() })).toBe(expected);
});

it('by npx of a kind that writes nothing', () => {
  expect(invocation({ executable: null, script: script() })).toBe('npx alo-relay');
});
