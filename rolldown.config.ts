import { createRequire } from 'node:module';
import { defineConfig, type Plugin } from 'rolldown';

const require = createRequire(import.meta.url);

const MEDIA_TYPES = {
  'application/json': { source: 'iana', charset: 'UTF-8', compressible: true, extensions: ['json', 'map'] },
  'application/octet-stream': { source: 'iana', extensions: ['bin'] },
  'text/html': { source: 'iana', compressible: true, extensions: ['html'] },
  'text/plain': { source: 'iana', compressible: true, extensions: ['txt', 'text'] },
};

/**
 * An ESM import of node:http reads every export at once, some of which load half of Node with them (30 to 50 ms).
 * Asked for by `process.getBuiltinModule` it costs a tenth of that.
 */
const lightHttp: Plugin = {
  name: 'light-http',
  resolveId: {
    filter: { id: /^(node:)?http$/ },
    // What is required (CommonJS) gets the whole module, and cheaply.
    handler: (_source, _importer, { kind }) =>
      kind === 'import-statement' ? { id: '\0light-http', moduleSideEffects: false } : null,
  },
  load: {
    filter: { id: /^\0light-http$/ },
    handler: () => `
      const http = process.getBuiltinModule('node:http');
      export default http;
      export const createServer = http.createServer;
      export const STATUS_CODES = http.STATUS_CODES;
    `,
  },
};

/** Of undici the service uses one class; the index brings fetch, WebSocket, caches and mocks along, 1.2 MB of it. */
const onlyPool: Plugin = {
  name: 'only-pool',
  resolveId: {
    filter: { id: /^undici$/ },
    handler: () => '\0only-pool',
  },
  load: {
    filter: { id: /^\0only-pool$/ },
    handler: () =>
      `export { default as Pool } from ${JSON.stringify(require.resolve('undici/lib/dispatcher/pool.js'))};`,
  },
};

/** Koa looks media types up in a table of 2,500; the service answers in JSON, and a table that long takes 15 ms. */
const fewMediaTypes: Plugin = {
  name: 'few-media-types',
  load: {
    filter: { id: /\/mime-db\/index\.js$/ },
    handler: () => `module.exports = ${JSON.stringify(MEDIA_TYPES)};`,
  },
};

/**
 * A few files instead of some 800 modules of the dependencies, which halves the time until the service is ready.
 * `cli` stays tiny, so that an old Node can still read it and say which one is needed.
 */
export default defineConfig({
  input: { cli: 'src/cli.ts', 'journal-worker': 'src/journal/worker.ts' },
  platform: 'node',
  plugins: [lightHttp, onlyPool, fewMediaTypes],
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
