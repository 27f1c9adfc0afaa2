/** The page's files: what `vite build` left in the static folder, and nothing else. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer } from './answers.ts';

export const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const NOT_BUILT =
  'The sandbox works, but its page is not built yet.\nRun `npm run build` in the project folder, then reload.\n';

/** Beside the bundle in `dist/`, or in `dist/` seen from the sources. */
export function standardStaticDir(): string {
  const relative = import.meta.url.endsWith('.ts') ? '../../dist/web/' : './web/';
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** The answer for a path below the page's root; undefined for no such file. */
export async function pageFile(staticDir: string, path: string): Promise<Answer | undefined> {
  // Only names from the folder's own listing are ever opened: a path cannot lead out of it.
  const names: readonly string[] = await readdir(staticDir, { recursive: true }).catch(() => []);
  const wanted = path === '/' ? 'index.html' : path.slice(1).replaceAll('/', sep);
  const type = CONTENT_TYPES[extname(wanted)];
  if (!names.includes(wanted) || type === undefined) return path === '/' ? notBuilt() : undefined;
  const body = await readFile(join(staticDir, wanted), 'utf8');
  return { status: 200, headers: { ...SECURITY_HEADERS, 'content-type': type, 'cache-control': 'no-cache' }, body };
}

function notBuilt(): Answer {
  return {
    status: 503,
    headers: { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' },
    body: NOT_BUILT,
  };
}
