import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig, type InputOptions, type Plugin } from 'rolldown';
import { listBundledPackages } from './scripts/third-party.ts';

/** npm makes a bin executable when it installs; a build in between makes it anew. */
const executable: Plugin = {
  name: 'executable',
  writeBundle: () => chmod('dist/cli.js', 0o755),
};

/** What a module loads when it is first needed, by a `require` that no bundler knows, becomes one that it does. */
const bundleLateRequires: Plugin = {
  name: 'bundle-late-requires',
  transform: {
    filter: { id: /[\\/]src[\\/].*\.ts$/, code: 'createRequire(' },
    handler: (code) => ({ code: code.replaceAll(/createRequire\(import\.meta\.url\)(?=\()/g, 'require'), map: null }),
  },
};

/** The program, and its threads by the names that `startThread` (core/built-files.ts) asks for. */
export const ENTRIES = {
  cli: 'src/cli.ts',
  'journal-reader': 'src/journal/sqlite/reader-worker.ts',
  'playground-worker': 'src/dry-run/playground/worker.ts',
} as const;

export const INPUT_OPTIONS: InputOptions = {
  platform: 'node',
  // Its CommonJS build, as it is: the other one imports node:http as ESM (core/http-server.ts says what that costs).
  resolve: { alias: { '@koa/router': createRequire(import.meta.url).resolve('@koa/router') } },
  plugins: [bundleLateRequires],
  // The eval that depd brings along is not reached.
  checks: { eval: false },
};

/**
 * A few files instead of some 800 modules of the dependencies, which halves the time until the service is ready.
 * `cli` stays tiny, so that an old Node can still read it and say which one is needed.
 */
export default defineConfig({
  ...INPUT_OPTIONS,
  input: ENTRIES,
  plugins: [bundleLateRequires, executable, listBundledPackages],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
    sourcemap: true,
    cleanDir: true,
  },
});
