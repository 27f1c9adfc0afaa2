import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { builtFolder } from '../core/built-files.ts';
import { closest } from '../language/schema.ts';
import { SHIPPED_TEMPLATES } from '../templates/shipped.ts';

/** Without the schema that it names, which is not beside a copy. */
export async function shippedTemplate(name: string): Promise<string> {
  const text = (await builtFolder('templates').read(`${name}.yaml`)).toString();
  return text.replace(/^# yaml-language-server:.*\n/, '');
}

/** Null where a file of that name is there already, which stays as it is; else the path. */
export async function copyTemplate(name: string, folder: string): Promise<string | null> {
  const path = join(folder, `${name}.yaml`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(path, await shippedTemplate(name), { flag: 'wx' });
    return path;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
    throw error;
  }
}

/** Names with commas or spaces between them, or `all`. */
export function parseTemplates(written: string, before: readonly string[] = []): readonly string[] {
  const names = written.split(/[\s,]+/).filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError(`Write all, or names: ${SHIPPED_TEMPLATES.join(', ')}.`);
  if (names.includes('all')) return SHIPPED_TEMPLATES;
  for (const name of names) {
    if (SHIPPED_TEMPLATES.includes(name)) continue;
    const near = closest(name, SHIPPED_TEMPLATES);
    const hint = near === null ? '' : `Did you mean "${near}"? `;
    throw new InvalidArgumentError(
      `No "${name}" comes with alo-relay. ${hint}There are: ${SHIPPED_TEMPLATES.join(', ')}.`,
    );
  }
  return [...new Set([...before, ...names])];
}
