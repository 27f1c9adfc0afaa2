/** The sandbox's page. */
import { builtFile, SECURITY_HEADERS } from '../core/built-pages.ts';
import type { SandboxResponse } from './responses.ts';

const NOT_BUILT =
  'The sandbox works, but its page is not built yet.\nRun `npm run build` in the project folder, then reload.\n';

/** The answer for a path below the page's root; undefined for no such file. */
export async function pageFile(folder: string, path: string): Promise<SandboxResponse | undefined> {
  const file = await builtFile(folder, path === '/' ? 'index.html' : path.slice(1));
  if (file === null) return path === '/' ? notBuilt() : undefined;
  return { status: 200, headers: { ...SECURITY_HEADERS, ...file.headers }, body: file.body };
}

function notBuilt(): SandboxResponse {
  return {
    status: 503,
    headers: { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' },
    body: NOT_BUILT,
  };
}
