/** The pages, one an HTML file of src/web: the sandbox's, the dashboard, the playground. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { listBundledPackages } from './scripts/third-party.ts';

const ROOT = join(import.meta.dirname, 'src/web');

export default defineConfig({
  root: 'src/web',
  base: './',
  publicDir: false,
  plugins: [slimRenderer(), listBundledPackages],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: the pages' policy refuses it.
    assetsInlineLimit: 0,
    // The block renderer is one file.
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: globSync('*.html', { cwd: ROOT }).map((page) => join(ROOT, page)) },
  },
});

/**
 * What the block renderer brings along and the pages never use: words to search for emoji by (it asks for their
 * characters, by name), Markdown (blocks of type `markdown` are shown by web/blocks.tsx), and emoji in other skin tones.
 */
function slimRenderer(): Plugin {
  const stands: Readonly<Record<string, string>> = {
    'node-emoji': `import { emojiCharacter } from ${JSON.stringify(join(ROOT, 'emoji.ts'))};
export const emojify = (text) => text.replace(/:([\\w+-]+):/g, (whole, name) => emojiCharacter(name) ?? whole);`,
    'react-markdown': 'export default () => null;',
    'remark-gfm': 'export default () => null;',
  };
  return {
    name: 'slim-renderer',
    enforce: 'pre',
    resolveId: (source) => (source in stands ? `\0${source}` : null),
    load: (id) => stands[id.slice(1)] ?? null,
    transform: (code, id) =>
      id.includes('slack-blocks-to-jsx/dist/index.mjs')
        ? { code: code.replaceAll(/"[^":]+::skin-tone-\d":"[^"]*",?/g, ''), map: null }
        : null,
  };
}
