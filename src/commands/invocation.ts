/** How the program was started, for the commands that it tells people to type next. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isSingleExecutable } from '../core/built-files.ts';

export interface Started {
  /** The single executable, as it was typed; null where Node runs the program. */
  readonly executable: string | null;
  /** The script that Node runs. */
  readonly script: string;
}

/** What npx writes beside what it installed. */
const npxManifest = z.object({ _npx: z.object({ packages: z.tuple([z.string().regex(/\.tgz$/)]) }) });

/** In the form that works again: from a clone, from a tarball that npx was given, or as one file. */
export function invocation({ executable, script }: Started = started()): string {
  const tarball = tarballGivenToNpx(script);
  // npx installs a tarball again each time, and asks before it does.
  return executable ?? (tarball === null ? 'npx alo-relay' : `npx --yes ${tarball}`);
}

function started(): Started {
  return { executable: isSingleExecutable() ? process.argv0 : null, script: process.argv[1] ?? '' };
}

function tarballGivenToNpx(script: string): string | null {
  const [, project] = /^(.*[\\/]_npx[\\/]\w+)[\\/]node_modules[\\/]/.exec(script) ?? [];
  if (project === undefined) return null;
  try {
    const [tarball] = npxManifest.parse(JSON.parse(readFileSync(`${project}/package.json`, 'utf8')))._npx.packages;
    return tarball;
  } catch {
    return null;
  }
}
