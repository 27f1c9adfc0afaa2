/**
 * `npm run build:binary`: one executable that needs no Node, `build/alo-relay`, as a single executable application of the
 * Node that runs this. The program is its main module; pages, templates and the code of threads are its assets
 * (src/core/built-files.ts reads them).
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { build } from 'rolldown';
import { ENTRIES, INPUT_OPTIONS } from '../rolldown.config.ts';
import { writeThirdParty } from './third-party.ts';

const OUTPUT = `build/alo-relay${process.platform === 'win32' ? '.exe' : ''}`;

mkdirSync('build', { recursive: true });

// A module inside the executable imports nothing but what comes with Node, so each entry is one file. Threads are
// started from text, which Node takes for CommonJS.
for (const [name, input] of Object.entries(ENTRIES)) {
  const main = name === 'cli';
  await build({
    ...INPUT_OPTIONS,
    input,
    logLevel: 'warn',
    output: {
      file: `build/${name}.${main ? 'mjs' : 'cjs'}`,
      format: main ? 'esm' : 'cjs',
      codeSplitting: false,
      minify: true,
    },
  });
}

const files = (folder: string, pattern: string): [key: string, path: string][] =>
  globSync(pattern, { cwd: folder }).map((name) => [name.replaceAll('\\', '/'), `${folder}/${name}`]);
const assets = Object.fromEntries([
  ...files('dist', 'web/**/*.*'),
  ...files('.', 'templates/*.yaml'),
  ...files('build', '*.cjs'),
]);
const config = {
  main: 'build/cli.mjs',
  mainFormat: 'module',
  output: OUTPUT,
  disableExperimentalSEAWarning: true,
  useCodeCache: true,
  assets,
};
writeFileSync('build/sea.json', JSON.stringify(config, null, 2));
execFileSync(process.execPath, ['--build-sea', 'build/sea.json'], { stdio: ['ignore', 'ignore', 'inherit'] });
// macOS runs signed programs only; `-` signs for this machine.
if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', OUTPUT], { stdio: 'inherit' });

writeThirdParty('build', [
  {
    name: 'node',
    version: process.versions.node,
    purl: `pkg:generic/node@${process.versions.node}`,
    license: 'MIT',
    texts: [licenseOfNode()],
    integrity: undefined,
  },
]);
const megabytes = Math.round(statSync(OUTPUT).size / 1e6);
process.stdout.write(
  `${OUTPUT}: ${megabytes} MB, Node ${process.versions.node}, ${process.platform}-${process.arch}\n`,
);

/** Beside `bin/` in Node's own archives; the npm package `node` has it in the package of the platform. */
function licenseOfNode(): string {
  const home = resolve(dirname(process.execPath), '..');
  const [file] = globSync('{LICENSE,node_modules/node-*-*/LICENSE}', { cwd: home });
  if (file === undefined)
    throw new Error(`Node's LICENSE is not in ${home}: run \`npm ci\`, or build with Node as nodejs.org ships it.`);
  return readFileSync(resolve(home, file), 'utf8').trim();
}
