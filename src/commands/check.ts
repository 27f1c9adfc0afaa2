import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { sandboxJournal, sandboxVariables } from '../config/sandbox.ts';
import { isError, type Problem } from '../core/problem.ts';
import { configOption } from './options.ts';
import { countProblems, printProblems } from './problems.ts';

interface Options {
  readonly config: string;
  readonly sandbox?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

export function checkCommand(exit: (code: number) => void): Command {
  return new Command('check')
    .description('Check the config and the templates: every problem at once, each with its place.')
    .addOption(configOption())
    .option('--sandbox', 'as for serve --sandbox: variables that are not set are no problem')
    .option('--strict', 'warnings count as errors do: exit 1')
    .option('--json', 'print the problems as JSON')
    .addHelpText('after', '\nExample:\n  alo-relay check --config config.yaml --strict\n')
    .action(async (options: Options) => exit(await check(options)));
}

async function check({ config: file, sandbox, strict, json }: Options): Promise<number> {
  const variables = sandbox === true ? await sandboxVariables(file, process.env, 'forget') : process.env;
  const { config, problems } = await loadConfig(file, variables, sandbox === true ? sandboxJournal(file) : undefined);
  const failed = strict === true ? problems.length > 0 : problems.some(isError);
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ ok: !failed, problems: problems.map(listed) }, null, 2)}\n`);
    return failed ? 1 : 0;
  }
  printProblems(problems, process.stdout);
  if (config === null) process.stdout.write(`${file}: ${countProblems(problems)}.\n`);
  else {
    const { sources, routes, templates } = config;
    const found = `${sources.length} sources, ${routes.length} routes, ${templates.size} templates`;
    process.stdout.write(`${file}: ${problems.length === 0 ? 'no problems' : countProblems(problems)} (${found}).\n`);
  }
  return failed ? 1 : 0;
}

/** Every key in every problem. */
function listed({ file, line, column, severity = 'error', code, message, remedy }: Problem): object {
  return { severity, code, file, line, column, message, remedy: remedy ?? null };
}
