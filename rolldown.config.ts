import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig, type Plugin } from 'rolldown';

/** npm makes a bin executable when it installs; a build in between makes it anew. */
const executable: Plugin = {
  name: 'executable',
  writeBundle: () => chmod('dist/cli.js', 0o755),
};

/**
 * A few files instead of some 800 modules of the dependencies, which halves the time until the service is ready.
 * `cli` stays tiny, so that an old Node can still read it and say which one is needed.
 */
export default defineConfig({
  input: {
    cli: 'src/cli.ts',
    'journal-reader': 'src/journal/sqlite/reader-worker.ts',
    'playground-worker': 'src/dry-run/playground/worker.ts',
  },
  platform: 'node',
  // Its CommonJS build, as it is: the other one imports node:http as ESM (core/http-server.ts says what that costs).
  resolve: { alias: { '@koa/router': createRequire(import.meta.url).resolve('@koa/router') } },
  plugins: [executable],
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
