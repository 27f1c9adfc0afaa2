/**
 * Running again whenever something changes. What changed is found by looking, as for the service's own config: editors
 * that save by a rename and folders on network disks are seen too.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 150;

/** Files whose change may matter, in a folder. */
const WATCHED = /\.(ya?ml|json)$/i;

/** `run` gives the files and folders it depended on. Ends with the process. */
export async function watch(run: () => Promise<readonly string[]>): Promise<never> {
  let reads: readonly string[] = [];
  for (;;) {
    // Clears the screen and what was scrolled out of it.
    if (process.stdout.isTTY) process.stdout.write('\u001B[2J\u001B[3J\u001B[H');
    const known = reads.join('\n');
    // Before it is read: what changes meanwhile is seen at the next look.
    const before = await fingerprint(reads);
    reads = await run();
    const seen = reads.join('\n') === known ? before : await fingerprint(reads);
    process.stdout.write('Waiting for changes; Ctrl-C ends it.\n');
    await change(reads, seen);
  }
}

/** Resolves once something changed, and nothing has for a moment: what is written file by file is read when it is whole. */
async function change(reads: readonly string[], before: string): Promise<void> {
  let seen = before;
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const now = await fingerprint(reads);
    if (now !== before && now === seen) return;
    seen = now;
  }
}

/** Changes with each of the files, and the YAML and JSON files right in each of the folders. */
async function fingerprint(paths: readonly string[]): Promise<string> {
  const facts = await Promise.all([...new Set(paths)].map(async (path) => (await fileStamps(path)).join('\n')));
  return facts.join('\n');
}

async function fileStamps(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) return [`${path} missing`];
  if (!found.isDirectory()) return [`${path} ${found.ino} ${found.size} ${found.mtimeMs}`];
  const names = await readdir(path).catch(() => []);
  const inner = names.filter((name) => WATCHED.test(name)).toSorted();
  return Promise.all(
    inner.map(async (name) => {
      const file = await stat(join(path, name)).catch(() => null);
      return file?.isFile() ? `${path}/${name} ${file.ino} ${file.size} ${file.mtimeMs}` : '';
    }),
  );
}
