import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { templatesFolder } from '../config/templates-folder.ts';
import { RelayError } from '../core/errors.ts';
import { SHIPPED_TEMPLATES } from '../templates/shipped.ts';
import { configOption } from './options.ts';
import { copyTemplate, parseTemplates } from './shipped-templates.ts';

interface Options {
  readonly config: string;
  readonly copy?: readonly string[];
}

export function templatesCommand(_exit: (code: number) => void): Command {
  return new Command('templates')
    .description('List the templates that come with alo-relay, or copy some into the templates folder.')
    .addOption(configOption())
    .option('--copy <names...>', 'the templates to copy, or all; a file that is there stays as it is', parseTemplates)
    .addHelpText('after', '\nExample:\n  alo-relay templates --copy thread_root voicemail\n')
    .action(async ({ config, copy }: Options) => {
      const folder = await folderOf(config);
      if (copy === undefined) process.stdout.write(listOf(folder));
      for (const name of copy ?? []) process.stdout.write(await copied(name, folder));
    });
}

async function folderOf(config: string): Promise<string> {
  const text = await readFile(config, 'utf8').catch(() => {
    throw new RelayError('usage', `${config} cannot be read. Name the config with --config FILE.`);
  });
  return templatesFolder(text, config, process.env);
}

async function copied(name: string, folder: string): Promise<string> {
  const path = await copyTemplate(name, folder).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new RelayError('service-failed', `${folder} cannot be written to: ${why}.`);
  });
  const near = relative(process.cwd(), join(folder, `${name}.yaml`));
  return path === null ? `${near} is there already and stays as it is.\n` : `Copied ${near}.\n`;
}

function listOf(folder: string): string {
  const names = SHIPPED_TEMPLATES.map((name) => `${existsSync(join(folder, `${name}.yaml`)) ? '✓' : ' '} ${name}\n`);
  return `${names.join('')}\n✓ is in ${relative(process.cwd(), folder) || 'this folder'}. Copy others with --copy NAME.\n`;
}
