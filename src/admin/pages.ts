/** The dashboard and the playground: files that hold nothing but code. */
import type { Middleware } from 'koa';
import { builtFile } from '../core/built-pages.ts';

/** Those that are served under a name of their own. */
const PAGES: Readonly<Record<string, string>> = { '/': 'dashboard.html', '/playground': 'playground.html' };

const NOT_BUILT =
  'The admin listener works, but its pages are not built.\nRun `npm run build` in the project folder, then reload.\n';

/** Passes on what is no file of the pages. */
export function pages(folder: string): Middleware {
  return async (context, next) => {
    if (context.method !== 'GET' && context.method !== 'HEAD') return next();
    const page = PAGES[context.path];
    const file = await builtFile(folder, page ?? context.path.slice(1));
    if (file !== null) {
      context.body = file.body;
      context.set(file.headers);
      return;
    }
    if (page === undefined) return next();
    context.status = 503;
    context.type = 'text/plain; charset=utf-8';
    context.body = NOT_BUILT;
  };
}
