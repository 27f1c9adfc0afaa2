/** The pages that `vite build` left, for both listeners that show some, and the headers that pages are shown with. */
import { extname } from 'node:path';
import type { Middleware } from 'koa';
import type { BuiltFolder } from './built-files.ts';

/** Payloads and messages are strangers' text: even one that slipped through as markup could run nothing, and ask nobody. */
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

/** Vite names them by a hash of what is in them. */
const HASHED = /^assets\/.+-[\w-]{8}\.\w+$/;

export interface BuiltFile {
  readonly headers: { readonly 'content-type': string; readonly 'cache-control': string };
  readonly body: Buffer;
}

/** `name`: its path below the folder, with slashes. Null for what is no file of the pages. */
export async function builtFile(folder: BuiltFolder, name: string): Promise<BuiltFile | null> {
  const type = CONTENT_TYPES[extname(name)];
  // Only names from the folder's own listing are ever opened: a path cannot lead out of it.
  if (type === undefined || !(await folder.names()).includes(name)) return null;
  const caching = HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache';
  return { headers: { 'content-type': type, 'cache-control': caching }, body: await folder.read(name) };
}

/** Serves the files of the pages, `named` some under a path of their own, and passes on what is none of them. */
export function builtPages(folder: BuiltFolder, named: Readonly<Record<string, string>>): Middleware {
  return async (context, next) => {
    if (context.method !== 'GET' && context.method !== 'HEAD') return next();
    const name = named[context.path];
    const file = await builtFile(folder, name ?? context.path.slice(1));
    if (file !== null) {
      context.body = file.body;
      context.set(file.headers);
      return;
    }
    if (name === undefined) return next();
    context.status = 503;
    context.type = 'text/plain; charset=utf-8';
    context.body = NOT_BUILT;
  };
}

const NOT_BUILT =
  'The program works, but its pages are not built.\nRun `npm run build` in the project folder, then reload.\n';
