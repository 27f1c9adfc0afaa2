/** `npm run release`, in a clone of this repository with a version and a changelog of the test's own. */
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { appendFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder, removeFolder } from '../helpers/home.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CHANGELOG = '# Changelog\n\n## Unreleased\n\n- [FEATURE] New.\n\n## 9.8.0 (2026-01-02)\n\n- [FEATURE] Old.\n';

let folder: string;
let clone: string;

const git = (...args: string[]) => execFileSync('git', args, { cwd: clone, encoding: 'utf8' }).trim();
const changelog = () => readFileSync(join(clone, 'CHANGELOG.md'), 'utf8');

function release(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const script = join(ROOT, 'scripts/release.ts');
  return new Promise((done) =>
    execFile(process.execPath, [script, ...args], { cwd: clone }, (error: ExecFileException | null, stdout, stderr) =>
      done({ code: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

async function commit(name: string, text: string): Promise<void> {
  await writeFile(join(clone, name), text);
  git('commit', '--quiet', '--all', '--message', 'test: a change');
}

beforeEach(async () => {
  folder = await makeFolder();
  clone = join(folder, 'clone');
  execFileSync('git', ['clone', '--quiet', '--no-tags', ROOT, clone]);
  git('checkout', '--quiet', '-B', 'main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.com');
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  // .gitignore means a folder.
  await appendFile(join(clone, '.git/info/exclude'), 'node_modules\n');
  const packageJson = JSON.parse(readFileSync(join(clone, 'package.json'), 'utf8'));
  await commit('package.json', `${JSON.stringify({ ...packageJson, version: '9.9.9' }, null, 2)}\n`);
  await commit('CHANGELOG.md', CHANGELOG);
});

afterEach(() => removeFolder(folder));

it('dates the changelog, packs, commits and tags', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await release();
  expect([code, stdout]).toEqual([0, expect.stringContaining('git push origin main v9.9.9')]);
  expect(stderr).not.toMatch(/error/i);
  expect(changelog()).toMatch(
    /^# Changelog\n\n## Unreleased\n\n## 9\.9\.9 \(\d{4}-\d\d-\d\d\)\n\n- \[FEATURE\] New\.\n\n## 9\.8\.0 \(2026-01-02\)\n/,
  );
  const names = ['SHA256SUMS', 'alo-relay-9.9.9.tgz', 'sbom.cdx.json'];
  const files = join(clone, 'release');
  expect(readdirSync(files).toSorted()).toEqual(names);
  const sha256 = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(files, name)))
      .digest('hex');
  expect(readFileSync(join(files, 'SHA256SUMS'), 'utf8')).toBe(
    names
      .slice(1)
      .map((name) => `${sha256(name)}  ${name}\n`)
      .join(''),
  );
  const packed = execFileSync('tar', ['-xzOf', join(files, names[1] ?? ''), 'package/CHANGELOG.md'], {
    encoding: 'utf8',
  });
  expect(packed).toBe(changelog());
  expect(git('cat-file', '-t', 'v9.9.9')).toBe('tag');
  expect(git('rev-list', '-1', 'v9.9.9')).toBe(git('rev-parse', 'HEAD'));
  expect([git('show', '--format=%s', '--name-only', 'HEAD'), git('status', '--porcelain')]).toEqual([
    'release: 9.9.9\n\nCHANGELOG.md',
    '',
  ]);
});

describe('changes nothing', () => {
  it('with --dry-run', async () => {
    const { code, stdout } = await release('--dry-run');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Would date CHANGELOG\.md, .+ and tag v9\.9\.9\.\n$/)]);
  });

  it('on another branch', async () => {
    git('switch', '--quiet', '--create', 'feature');
    expect(await release()).toMatchObject({ code: 1, stderr: expect.stringContaining('git switch main') });
  });

  it('where the tag exists', async () => {
    git('tag', 'v9.9.9');
    expect(await release()).toMatchObject({ code: 1, stderr: expect.stringContaining('v9.9.9 exists') });
    git('tag', '--delete', 'v9.9.9');
  });

  afterEach(() => {
    expect([changelog(), git('tag'), existsSync(join(clone, 'release'))]).toEqual([CHANGELOG, '', false]);
    expect(git('status', '--porcelain')).toBe('');
  });
});

it('leaves a version that is dated already', { timeout: 60_000 }, async () => {
  const dated = CHANGELOG.replace('9.8.0', '9.9.9');
  await commit('CHANGELOG.md', dated);
  const head = git('rev-parse', 'HEAD');
  expect(await release()).toMatchObject({ code: 0 });
  expect([changelog(), git('rev-list', '-1', 'v9.9.9')]).toEqual([dated, head]);
});

it('refuses a tree with changes', async () => {
  await writeFile(join(clone, 'new.txt'), '');
  expect(await release()).toMatchObject({ code: 1, stderr: expect.stringContaining('Commit them') });
});

it.each([
  ['no entries', '# Changelog\n\n## Unreleased\n\n## 9.8.0\n\n- Old.\n', /no entries/],
  ['no heading', '# Changelog\n\n- New.\n', /needs one line "## Unreleased"/],
])('refuses a changelog with %s', async (_what, text, expected) => {
  await commit('CHANGELOG.md', text);
  expect(await release()).toMatchObject({ code: 1, stderr: expect.stringMatching(expected) });
  expect(changelog()).toBe(text);
});

it('leaves the changelog as it was where packing fails', async () => {
  await commit('rolldown.config.ts', 'throw new Error("broken build");\n');
  const { code, stderr } = await release();
  expect([code, stderr]).toEqual([1, expect.stringContaining('broken build')]);
  expect([changelog(), git('tag')]).toEqual([CHANGELOG, '']);
});
