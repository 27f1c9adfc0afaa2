/** The pages' files: what `vite build` left in the static folder, and nothing else. They hold nothing but code. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context, Middleware } from 'koa';

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
  'cross-origin-opener-policy': 'same-origin',
} as const;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Those that are served under a name of their own. */
const PAGES: Readonly<Record<string, string>> = { '/': 'dashboard.html', '/playground': 'playground.html' };

/** Vite names them by a hash of what is in them. */
const HASHED = /^assets[/\\].+-[\w-]{8}\.\w+$/;

const NOT_BUILT =
  'The admin listener works, but its pages are not built.\nRun `npm run build` in the project folder, then reload.\n';

/** Beside the bundle in `dist/`, or in `dist/` seen from the sources. */
export function standardPagesFolder(): string {
  const relative = import.meta.url.endsWith('.ts') ? '../../dist/web/' : './web/';
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** Passes on what is no file of the pages. */
export function pages(folder: string): Middleware {
  return async (context, next) => {
    if (context.method !== 'GET' && context.method !== 'HEAD') return next();
    // Only names from the folder's own listing are ever opened: a path cannot lead out of it.
    const names: readonly string[] = await readdir(folder, { recursive: true }).catch(() => []);
    const page = PAGES[context.path];
    const wanted = page ?? context.path.slice(1).replaceAll('/', sep);
    const type = CONTENT_TYPES[extname(wanted)];
    if (type !== undefined && names.includes(wanted)) return serve(context, join(folder, wanted), { type, wanted });
    if (page === undefined) return next();
    context.status = 503;
    context.type = 'text/plain; charset=utf-8';
    context.body = NOT_BUILT;
  };
}

async function serve(context: Context, path: string, { type, wanted }: { type: string; wanted: string }) {
  context.body = await readFile(path);
  context.set('content-type', type);
  context.set('cache-control', HASHED.test(wanted) ? 'public, max-age=31536000, immutable' : 'no-cache');
}
