import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { configJsonSchema } from '../config/json-schema.ts';
import { templateJsonSchema } from '../templates/schema.ts';

const SCHEMAS = { config: configJsonSchema, template: templateJsonSchema } as const;

const KINDS = ['config', 'template'] as const;

export function schemaCommand(_exit: (code: number) => void): Command {
  return new Command('schema')
    .description('Print the JSON Schema of config files or of templates: editors complete, explain and check by it.')
    .addArgument(new Argument('[of]', 'of what').choices(KINDS).default('config'))
    .option('--out <folder>', 'write config.json and template.json into a folder instead')
    .addHelpText(
      'after',
      '\nExample:\n  alo-relay schema > config.schema.json\n\nThen the first line of config.yaml is:\n  # yaml-language-server: $schema=./config.schema.json\n',
    )
    .action(async (of: (typeof KINDS)[number], { out }: { out?: string }) => {
      if (out === undefined) process.stdout.write(text(of));
      else await write(out);
    });
}

async function write(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const kind of KINDS) await writeFile(join(folder, `${kind}.json`), text(kind));
}

function text(kind: (typeof KINDS)[number]): string {
  return `${JSON.stringify(SCHEMAS[kind](), null, 2)}\n`;
}
