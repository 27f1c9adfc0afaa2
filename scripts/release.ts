/**
 * `npm run release`: releases the version of package.json from a clean `main`. Dates what CHANGELOG.md has under
 * "Unreleased", packs into `release/`, commits and tags. Pushes nothing; the workflow publishes what is tagged.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const CHANGELOG = 'CHANGELOG.md';
const FOLDER = 'release';
const UNRELEASED = '## Unreleased\n';

/** Names what is wrong and what to do. */
class Refusal extends Error {}

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();

function checkRepository(tag: string): void {
  const branch = git('branch', '--show-current');
  if (branch !== 'main') throw new Refusal(`The branch is ${branch || 'detached'}. Run \`git switch main\`.`);
  if (git('status', '--porcelain') !== '') throw new Refusal('There are changes. Commit them, or run `git stash -u`.');
  if (git('tag', '--list', tag) !== '')
    throw new Refusal(`${tag} exists. Run \`npm version minor --no-git-tag-version\` and commit the new version.`);
}

/** What "Unreleased" holds comes below a heading with version and date, unless the version has a heading already. */
function datedChangelog(text: string, version: string): string {
  if (text.split('\n').some((line) => line.startsWith(`## ${version} `))) return text;
  const [before, after, more] = text.split(UNRELEASED);
  if (before === undefined || after === undefined || more !== undefined)
    throw new Refusal(`${CHANGELOG} needs one line "${UNRELEASED.trim()}".`);
  const [entries = ''] = after.split(/^## /m);
  if (!/^- /m.test(entries))
    throw new Refusal(`${CHANGELOG} has no entries under "Unreleased". Add what users notice.`);
  return `${before}${UNRELEASED}\n## ${version} (${new Date().toISOString().slice(0, 10)})\n${after}`;
}

function writeFiles(): readonly string[] {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  execFileSync('npm', ['pack', '--pack-destination', FOLDER], { stdio: ['ignore', 'ignore', 'inherit'] });
  copyFileSync('dist/sbom.cdx.json', join(FOLDER, 'sbom.cdx.json'));
  const names = readdirSync(FOLDER).toSorted();
  const sha256 = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(FOLDER, name)))
      .digest('hex');
  writeFileSync(join(FOLDER, 'SHA256SUMS'), names.map((name) => `${sha256(name)}  ${name}\n`).join(''));
  return [...names, 'SHA256SUMS'];
}

function release({ dryRun }: { dryRun: boolean }): string {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const tag = `v${version}`;
  checkRepository(tag);
  const before = readFileSync(CHANGELOG, 'utf8');
  const changelog = datedChangelog(before, version);
  const dated = changelog !== before;
  if (dryRun) return `Would ${dated ? `date ${CHANGELOG}, commit it, ` : ''}pack into ${FOLDER}/, and tag ${tag}.\n`;
  writeFileSync(CHANGELOG, changelog);
  try {
    const names = writeFiles();
    if (dated) git('commit', '--quiet', '--message', `release: ${version}`, CHANGELOG);
    git('tag', '--annotate', tag, '--message', `alo-relay ${version}`);
    return `Released ${version}: ${names.map((name) => `${FOLDER}/${name}`).join(', ')}.\nPublish it: git push origin main ${tag}\n`;
  } catch (error) {
    if (git('status', '--porcelain', CHANGELOG) !== '') writeFileSync(CHANGELOG, before);
    throw error;
  }
}

try {
  const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
  process.stdout.write(release({ dryRun: values['dry-run'] }));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`Nothing was released. ${error.message}\n`);
  process.exitCode = 1;
}
