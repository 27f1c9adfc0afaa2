/** The npm package, as it is packed from `dist/`: installed from its file, with nothing but itself to install. */
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../src/core/version.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const built = existsSync(join(ROOT, 'dist/cli.js'));
const TARBALL = `alo-relay-${VERSION}.tgz`;
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;
const VARIABLES = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  ALO_WEBHOOK_SECRET: 'alo-secret-for-tests-0123456789',
  ALLO_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};

/** None of the settings that `npm test` hands down. */
const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$/.test(name)));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands of the README's "Install", without their comments. */
const [, INSTALL = ''] =
  /^## Install$[\s\S]*?^```sh\n([\s\S]*?)^```$/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
const COMMANDS = INSTALL.trim()
  .split('\n')
  .map((line) => line.replace(/ +#.*/, '').split(' '));

let home: string;

/** `node`: the folder of the Node that runs npm and the program. */
function command(words: readonly string[], { cwd, node, env = {} }: { cwd: string; node: string; env?: object }) {
  const [file = '', ...args] = words;
  const PATH = [node, process.env.PATH].join(delimiter);
  return new Promise<Ended>((done) =>
    execFile(file, args, { cwd, env: { ...ENV, ...env, PATH } }, (error: ExecFileException | null, stdout, stderr) =>
      done({ code: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

/** The folder with another Node, from npm; null where none can be had. */
async function otherNode(major: number): Promise<string | null> {
  const prefix = join(home, `node-${major}`);
  const words = ['npm', 'install', '--prefix', prefix, '--no-audit', '--no-fund', `${NODE_PACKAGE}@${major}`];
  const { code } = await command(words, { cwd: home, node: dirname(process.execPath) });
  return code === 0 ? join(prefix, 'node_modules', NODE_PACKAGE, 'bin') : null;
}

describe.skipIf(!built)(built ? 'the package' : 'dist/ is not built (npm run build)', () => {
  beforeAll(async () => {
    home = await makeFolder();
    // The build is there, and other tests read it meanwhile.
    execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', home], { cwd: ROOT });
    execFileSync('tar', ['-xzf', TARBALL], { cwd: home });
  });

  afterAll(() => removeFolder(home));

  const files = () => globSync('**/*', { cwd: join(home, 'package') });

  it('brings what the README and the changelog show', () => {
    for (const page of ['README.md', 'CHANGELOG.md']) {
      const text = readFileSync(join(home, 'package', page), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
      const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link = '']) => decodeURI(link));
      expect(links.filter((link) => !existsSync(join(home, 'package', link)))).toEqual([]);
    }
    expect(files()).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'templates/any_event.yaml',
        'dist/THIRD_PARTY_LICENSES.txt',
        'dist/sbom.cdx.json',
      ]),
    );
  });

  it('brings no sources, no tests, no maps', () => {
    expect(files().filter((file) => /\.(map|tsx?)$|^(src|test|bench|scripts)\b|bundled-packages/.test(file))).toEqual(
      [],
    );
  });

  it('installs nothing else, and runs no script when it is installed', () => {
    const { dependencies, scripts } = JSON.parse(readFileSync(join(home, 'package/package.json'), 'utf8'));
    expect(dependencies).toBeUndefined();
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  });

  it.for([26, 24])(
    'on Node %i: the commands of the README, without a warning',
    { timeout: 120_000 },
    async (major, { skip }) => {
      const node = process.versions.node.startsWith(`${major}.`) ? dirname(process.execPath) : await otherNode(major);
      if (node === null) return skip(`no Node ${major} can be had from npm`);
      const cwd = join(home, `folder-${major}`);
      await mkdir(cwd);
      await cp(join(home, TARBALL), join(cwd, TARBALL));
      // As of a user without settings and without a network.
      const env = {
        npm_config_userconfig: join(home, 'npmrc'),
        npm_config_cache: join(home, `cache-${major}`),
        npm_config_offline: 'true',
        npm_config_update_notifier: 'false',
      };
      const quietly = async (...words: string[]) => {
        const { code, stdout, stderr } = await command(words, { cwd, node, env: { ...env, ...VARIABLES } });
        // From npm 12 on npx says what it runs.
        expect([words, code, stderr.replaceAll(/^npm notice.*\n/gm, '')]).toEqual([words, 0, '']);
        return stdout;
      };
      expect(await quietly('node', '--version')).toMatch(`v${major}.`);
      const printed: string[] = [];
      for (const words of COMMANDS) printed.push(await quietly(...words));
      expect(printed).toEqual([
        expect.stringContaining(`npx --yes ./${TARBALL} check\n`),
        expect.stringMatching(/^\s*added 1 package in/),
        expect.stringMatching(/\d+ passed/),
      ]);
      const config = await readFile(join(cwd, 'config.yaml'), 'utf8');
      const matching = config.replace('event.actor.kind == "bot"', 'event.actor.kind.matches("(?i)^bot$")');
      expect(matching).toContain('matches');
      await writeFile(join(cwd, 'config.yaml'), matching);
      expect(await quietly('npx', '--yes', `./${TARBALL}`, 'check')).toContain('no problems');
      expect(await quietly('npx', 'alo-relay', 'test')).toMatch(/\d+ passed/);
      expect(await quietly('npx', 'alo-relay', '--version')).toBe(`${VERSION}\n`);
    },
  );

  it('on Node 20 it says in one line which Node it needs', { timeout: 120_000 }, async ({ skip }) => {
    const node = await otherNode(20);
    if (node === null) return skip('no Node 20 can be had from npm');
    const { code, stdout, stderr } = await command(['node', 'package/dist/cli.js', 'init'], { cwd: home, node });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^alo-relay needs Node 24 or newer; this is v20\..+\n$/);
  });
});
