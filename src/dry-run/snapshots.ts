/** What was sent when somebody last looked: kept beside the cases, in a file that is read in reviews. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { Document } from 'yaml';
import type { Problem } from '../core/problem.ts';
import { readDocument } from '../language/document.ts';
import type { DryRun } from './dry-run.ts';
import { instantText } from './instant.ts';
import { plainText } from './plain.ts';
import { whereText } from './wording.ts';

/** By the name of the case: YAML. */
export type Snapshots = ReadonlyMap<string, string>;

const HEAD = ' Kept by `alo-relay test --update`: what each case sends. Read what changes here before you commit it.';

/** `config.test.yaml` → `config.test.snap.yaml` */
export function snapshotFile(casesFile: string): string {
  return `${casesFile.replace(/\.ya?ml$/i, '')}.snap.yaml`;
}

/** Never throws. None where there is no file yet. */
export async function readSnapshots(file: string): Promise<{ snapshots: Snapshots; problems: readonly Problem[] }> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT') return { snapshots: new Map(), problems: [] };
    const message = `The snapshots cannot be read (${code}).`;
    return { snapshots: new Map(), problems: [{ file, line: 1, column: 1, code: 'snapshots-unreadable', message }] };
  }
  const { value, problems } = readDocument(text, file);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return { snapshots: new Map(entries.map(([name, kept]) => [name, yaml(kept)])), problems };
}

/** Replaces the file; removes it where nothing is kept. Rejects where it cannot be written. */
export async function writeSnapshots(file: string, snapshots: Snapshots): Promise<void> {
  if (snapshots.size === 0) return rm(file, { force: true });
  const entries = [...snapshots].map(([name, kept]) => [name, readDocument(kept, file).value]);
  const document = new Document(Object.fromEntries(entries));
  document.commentBefore = HEAD;
  await writeFile(file, document.toString(LAYOUT));
}

/** All that is sent, as it is kept. */
export function snapshotOf({ routes }: DryRun, zone: string | null): string {
  const deliveries = routes.flatMap((route) => route.deliveries);
  return yaml(
    deliveries.map(({ route, target, heldUntil, threshold, message, fault }) => ({
      route,
      where: whereText(target),
      ...(heldUntil !== null && { held_until: instantText(heldUntil, zone) }),
      ...(threshold !== null && { at_least: threshold.count }),
      ...(fault !== null && { fault }),
      ...(message !== null && { summary: message.summary, text: plainText(message) }),
      ...(message?.color !== undefined && { color: message.color }),
    })),
  );
}

const LAYOUT = { lineWidth: 0, blockQuote: 'literal' } as const;

function yaml(value: unknown): string {
  return new Document(value).toString(LAYOUT);
}
