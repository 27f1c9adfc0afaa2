/** Runs the cases of a file. */
import type { Config } from '../config/config.ts';
import type { Place, Problem } from '../core/problem.ts';
import { type Case, loadCases } from './cases.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import { zoneOf } from './instant.ts';
import { readSnapshots, type Snapshots, snapshotFile, snapshotOf, writeSnapshots } from './snapshots.ts';
import { type Failure, verify } from './verify.ts';

export interface CaseResult {
  readonly name: string;
  readonly place: Place;
  /** How long it took. */
  readonly ms: number;
  /** Empty: it passed. */
  readonly failures: readonly Failure[];
}

export interface FileResult {
  readonly file: string;
  readonly cases: readonly CaseResult[];
  /** What is wrong with the file itself. */
  readonly problems: readonly Problem[];
  readonly snapshots: { readonly written: number; readonly obsolete: number };
  /** Other files it depends on. */
  readonly reads: readonly string[];
}

export interface RunOptions {
  /** Keep what is sent now as the snapshots, instead of comparing. */
  readonly update: boolean;
}

/** Rejects only where snapshots cannot be written. */
export async function runCases(file: string, config: Config, { update }: RunOptions): Promise<FileResult> {
  const { cases, problems, reads } = await loadCases(file, config);
  const kept = await readSnapshots(snapshotFile(file));
  const runner = { config, kept: kept.snapshots, update, zone: zoneOf(config), fresh: new Map<string, string>() };
  const results: CaseResult[] = [];
  for (const one of cases) results.push(await runCase(one, runner));
  const faulty = [...problems, ...kept.problems];
  const whole = faulty.length === 0;
  const changed = [...runner.fresh].filter(([name, text]) => kept.snapshots.get(name) !== text).length;
  const obsolete = whole ? [...kept.snapshots.keys()].filter((name) => !runner.fresh.has(name)).length : 0;
  // A file with a mistake may lack some of its cases, so nothing is dropped.
  const writes = update && whole && (changed > 0 || obsolete > 0);
  if (writes) await writeSnapshots(snapshotFile(file), runner.fresh);
  const snapshots = { written: writes ? changed : 0, obsolete: update ? 0 : obsolete };
  return { file, cases: results, problems: faulty, snapshots, reads };
}

interface Runner {
  readonly config: Config;
  readonly kept: Snapshots;
  readonly update: boolean;
  readonly zone: string | null;
  /** As they are now. */
  readonly fresh: Map<string, string>;
}

async function runCase(one: Case, runner: Runner): Promise<CaseResult> {
  const started = performance.now();
  const { name, place, event, at, zoneOf: zoneOfPerson, expect } = one;
  const run: DryRun = one.handshake
    ? { event, at, notes: [], routes: [] }
    : await dryRun(event, runner.config, { at, zoneOf: zoneOfPerson });
  const failures = verify(expect, run, runner.zone);
  if (expect.snapshot) failures.push(...compared(name, snapshotOf(run, runner.zone), runner));
  return { name, place, ms: performance.now() - started, failures };
}

function compared(name: string, now: string, { kept, fresh, update }: Runner): Failure[] {
  fresh.set(name, now);
  const before = kept.get(name);
  if (update || before === now) return [];
  const hints =
    before === undefined
      ? ['There is no snapshot of it yet. Keep this one with --update.']
      : ['If that is as you want it, keep it with --update.'];
  return [{ what: 'snapshot', expected: linesOf(before ?? ''), received: linesOf(now), exact: true, hints }];
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.trimEnd().split('\n');
}
