/** `--env-file FILE`, for every command: variables for the environment, read as Node's own option of that name reads them. */
import { loadEnvFile } from 'node:process';
import { Option } from 'commander';
import { RelayError } from '../core/errors.ts';

export function envFileOption(): Option {
  const help =
    'read variables from a file first: lines of NAME=value. Those that are set stay; repeatable, the last wins';
  return new Option('--env-file <file>', help).argParser((file: string, before: readonly string[] = []) => [
    ...before,
    file,
  ]);
}

/** @throws RelayError `usage` where a file cannot be read. */
export function loadEnvFiles(files: readonly string[] = []): void {
  // What is set stays, so the last comes first.
  for (const file of files.toReversed()) {
    try {
      loadEnvFile(file);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
      throw new RelayError('usage', `--env-file ${file}: ${why}. Name a file with lines of NAME=value.`);
    }
  }
}
