/** From the sources; test/e2e/ has the package and the single executable. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { builtFolder, folderAt } from '../../src/core/built-files.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';

let folder: string;

beforeEach(async () => {
  folder = await makeFolder();
});

afterEach(() => removeFolder(folder));

it('names are paths below the folder, with slashes', async () => {
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'assets/a.js'), 'a');
  const files = folderAt(folder);
  expect(await files.names()).toContain('assets/a.js');
  expect((await files.read('assets/a.js')).toString()).toBe('a');
});

it('a folder that is not there has no names', async () => {
  expect(await folderAt(join(folder, 'gone')).names()).toEqual([]);
});

it('the templates are those of the repository', async () => {
  expect(await builtFolder('templates').names()).toContain('any_event.yaml');
});
