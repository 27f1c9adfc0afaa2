import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig, type Plugin } from 'rolldown';

const require = createRequire(import.meta.url);

const MEDIA_TYPES = {
  'application/json': { source: 'iana', charset: 'UTF-8', compressible: true, extensions: ['json', 'map'] },
  'application/octet-stream': { source: 'iana', extensions: ['bin'] },
  'text/html': { source: 'iana', compressible: true, extensions: ['html'] },
  'text/plain': { source: 'iana', compressible: true, extensions: ['txt', 'text'] },
};

/** What is imported of built-in modules that are slow to import, by name. */
const LIGHT: Readonly<Record<string, readonly string[]>> = {
  'node:http': ['createServer', 'STATUS_CODES'],
  'node:crypto': [
    'createHash',
    'createHmac',
    'createPublicKey',
    'createSecretKey',
    'hash',
    'randomBytes',
    'randomUUID',
    'timingSafeEqual',
    'verify',
  ],
};

/**
 * An ESM import of a built-in module reads every export of it at once, some of which load half of Node with them.
 * Asked for by `process.getBuiltinModule` it costs a fraction: 20 ms less until the service is ready.
 */
const lightBuiltins: Plugin = {
  name: 'light-builtins',
  resolveId: {
    filter: { id: /^(node:)?(http|crypto)$/ },
    // What is required (CommonJS) gets the whole module, and cheaply.
    handler: (source, _importer, { kind }) =>
      kind === 'import-statement'
        ? { id: `\0light:${source.replace(/^(node:)?/, 'node:')}`, moduleSideEffects: false }
        : null,
  },
  load: {
    filter: { id: /^\0light:/ },
    handler(id) {
      const builtin = id.slice('\0light:'.length);
      const names = (LIGHT[builtin] ?? []).map((name) => `export const ${name} = builtin.${name};`);
      return [`const builtin = process.getBuiltinModule('${builtin}');`, 'export default builtin;', ...names].join(
        '\n',
      );
    },
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

/** Few services have a template with the filter `mrkdwn`: the parser is evaluated when one first renders. */
const lazyMarkdown: Plugin = {
  name: 'lazy-markdown',
  resolveId: {
    filter: { id: /^markdown-it$/ },
    handler: () => '\0lazy-markdown',
  },
  load: {
    filter: { id: /^\0lazy-markdown$/ },
    handler: () => `export default (options) => require(${JSON.stringify(require.resolve('markdown-it'))})(options);`,
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
 * The Slack client writes every request and every answer out for its debug log before it knows whether anybody reads
 * it; nobody may, since they hold messages. Without that a call costs a tenth less.
 */
const noDebugLinesOfMessages: Plugin = {
  name: 'no-debug-lines-of-messages',
  transform: {
    filter: { id: /@slack[\\/]web-api[\\/]dist[\\/]WebClient\.js$/ },
    handler(code) {
      const lines = /^ *this\.logger\.debug\(`[^`]*\$\{JSON\.stringify\(redact\(\w+\)\)\}`\);$/gm;
      const found = code.match(lines)?.length;
      if (found !== 3) throw new Error(`@slack/web-api has ${found ?? 0} such debug lines, not 3: look at it again.`);
      return { code: code.replace(lines, ''), map: null };
    },
  },
};

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
    'journal-worker': 'src/journal/worker.ts',
    'playground-worker': 'src/dry-run/playground/worker.ts',
  },
  platform: 'node',
  plugins: [lightBuiltins, onlyPool, lazyMarkdown, fewMediaTypes, noDebugLinesOfMessages, executable],
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
