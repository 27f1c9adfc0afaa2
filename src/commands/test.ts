import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { RelayError } from '../core/errors.ts';
import { type FileResult, runCases } from '../dry-run/run-cases.ts';
import { configOption } from './options.ts';
import { loadOffline } from './test-config.ts';
import { junit } from './test-junit.ts';
import { printFile, printSummary } from './test-print.ts';
import { watch } from './test-watch.ts';

interface Options {
  readonly config: string;
  readonly update?: boolean;
  readonly watch?: boolean;
  readonly junit?: string;
  readonly json?: boolean;
}

export function testCommand(exit: (code: number) => void): Command {
  return new Command('test')
    .description('Run the cases of *.test.yaml files: an event each, and what the rules are to make of it.')
    .argument('[files...]', 'files with cases; default: every *.test.yaml beside the config')
    .addOption(configOption())
    .option('--update', 'keep what is sent now as the snapshots')
    .option('--watch', 'run again whenever the config, a template or a case changes')
    .option('--junit <file>', 'also write the results there, as JUnit XML')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  alo-relay test --config config.yaml --watch\n')
    .action(async (files: string[], options: Options) => exit(await test(files, options)));
}

async function test(files: readonly string[], options: Options): Promise<number> {
  // Whoever reads has read enough, as `head` does; the exit code is still worth something.
  process.stdout.on('error', () => undefined);
  if (options.watch !== true) return (await run(files, options)).code;
  return watch(async () => (await run(files, options)).reads);
}

interface Run {
  readonly code: number;
  /** What it depends on: files, and folders. */
  readonly reads: readonly string[];
}

async function run(given: readonly string[], options: Options): Promise<Run> {
  const started = performance.now();
  const { config: file } = options;
  const beside = dirname(resolve(file));
  const loaded = await loadOffline(file);
  if (loaded === null) return { code: 1, reads: [file, beside, join(beside, 'templates'), ...given] };
  const { config } = loaded;
  const files = given.length > 0 ? given : await filesBeside(file);
  if (files.length === 0 && options.watch !== true) {
    const example = `${basename(file).replace(/\.ya?ml$/i, '')}.test.yaml`;
    throw new RelayError('usage', `There are no cases beside ${file}. Write some in ${example}, or name a file.`);
  }
  const results: FileResult[] = [];
  for (const cases of files) {
    const result = await runCases(cases, config, { update: options.update === true });
    results.push(result);
    if (options.json !== true) printFile(result);
  }
  const ms = performance.now() - started;
  process.stdout.write(
    options.json === true ? `${JSON.stringify(summaryJson(results, ms), null, 2)}\n` : printSummary(results, ms),
  );
  if (options.junit !== undefined) await writeReport(options.junit, junit(results));
  const reads = [file, config.templatesFolder, beside, ...files, ...results.flatMap((result) => result.reads)];
  return { code: results.every(passed) ? 0 : 1, reads };
}

function passed({ cases, problems }: FileResult): boolean {
  return problems.length === 0 && cases.every(({ failures }) => failures.length === 0);
}

/** In the order of their names. `other.test.yaml` belongs to `other.yaml`, where there is one, and to no other config. */
async function filesBeside(config: string): Promise<string[]> {
  const folder = dirname(config);
  const names = (await readdir(folder)).toSorted();
  const isAnother = (name: string) =>
    ['.yaml', '.yml'].some((end) => names.includes(name + end) && name + end !== basename(config));
  return names
    .filter((name) => /\.test\.ya?ml$/i.test(name) && !isAnother(name.replace(/\.test\.ya?ml$/i, '')))
    .map((name) => join(folder, name));
}

async function writeReport(file: string, report: string): Promise<void> {
  try {
    await mkdir(dirname(resolve(file)), { recursive: true });
    await writeFile(file, report);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new RelayError('usage', `The report cannot be written to ${file} (${code}).`);
  }
}

function summaryJson(results: readonly FileResult[], ms: number) {
  const cases = results.flatMap((result) => result.cases);
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  return {
    ok: results.every(passed),
    passed: cases.length - failed,
    failed,
    duration_ms: Math.round(ms),
    files: results.map(({ file, problems, snapshots, ...result }) => ({
      file,
      problems,
      snapshots,
      cases: result.cases.map(({ name, place, failures, ...one }) => ({
        name,
        line: place.line,
        ok: failures.length === 0,
        duration_ms: Math.round(one.ms * 10) / 10,
        failures,
      })),
    })),
  };
}
