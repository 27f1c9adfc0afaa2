/**
 * Files that come with the program: pages, templates, the code of threads. They are beside the bundle in `dist/`, where
 * the sources have them, or inside the single executable (scripts/build-binary.ts); no other file asks which.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
// The default import: an older Node 24 lacks some of the names.
import sea from 'node:sea';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

export interface BuiltFolder {
  /** Paths below the folder, with slashes; none where there is no folder. */
  names(): Promise<readonly string[]>;
  /** Rejects for a name that is not one of `names`. */
  read(name: string): Promise<Buffer>;
}

const FROM_SOURCES = import.meta.url.endsWith('.ts');

const PLACES = {
  web: FROM_SOURCES ? '../../dist/web/' : './web/',
  templates: FROM_SOURCES ? '../../templates/' : '../templates/',
} as const;

/** Whether the program is one file, with Node in it. */
export const isSingleExecutable = (): boolean => sea.isSea();

export function builtFolder(name: keyof typeof PLACES): BuiltFolder {
  return sea.isSea() ? embeddedFolder(`${name}/`) : folderAt(fileURLToPath(new URL(PLACES[name], import.meta.url)));
}

export function folderAt(path: string): BuiltFolder {
  const names = async () => {
    const found = await readdir(path, { recursive: true }).catch(() => []);
    return found.map((name) => name.replaceAll(sep, '/'));
  };
  return { names, read: (name) => readFile(join(path, name)) };
}

/** Assets whose keys begin with `prefix`. */
function embeddedFolder(prefix: string): BuiltFolder {
  const keys = sea.getAssetKeys().filter((key) => key.startsWith(prefix));
  return {
    names: async () => keys.map((key) => key.slice(prefix.length)),
    read: async (name) => Buffer.from(sea.getRawAsset(prefix + name)),
  };
}

/** `source`: the thread's module among the sources. `bundle`: the name of its entry in rolldown.config.ts. */
export function startThread(bundle: string, source: URL, options: WorkerOptions): Worker {
  if (sea.isSea()) return new Worker(sea.getAsset(`${bundle}.cjs`, 'utf8'), { ...options, eval: true });
  return new Worker(FROM_SOURCES ? source : new URL(`./${bundle}.js`, import.meta.url), options);
}
