import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import { Command } from 'commander';
import {
  type Answers,
  askFor,
  type Given,
  PRODUCTS,
  parseChannel,
  parseFallback,
  parseQuietHours,
  withDefaults,
} from './init-answers.ts';
import { casesText, configText, templatesFor, variablesFor } from './init-files.ts';
import { nextCommand } from './options.ts';
import { parseTemplates, shippedTemplate } from './shipped-templates.ts';

/** Beside these, a flag for each product, by its name. */
interface Options {
  readonly [product: string]: unknown;
  readonly channel?: string;
  readonly quietHours?: string | false;
  readonly fallbackChannel?: string | false;
  readonly templates?: readonly string[];
  readonly yes?: boolean;
}

export function initCommand(exit: (code: number) => void): Command {
  const command = new Command('init')
    .description('Write a config, its templates and its test cases, from flags or from answers. Overwrites nothing.')
    .argument('[dir]', 'where to', '.');
  for (const { name, about } of PRODUCTS) command.option(`--${name}`, about);
  return command
    .option('--channel <channel>', 'the Slack channel, as "#name" or an id', parseChannel)
    .option('--quiet-hours <zone>', 'hold back from 19:00 to 08:00 there, as in Europe/Paris; or no', parseQuietHours)
    .option('--fallback-channel <channel>', 'where failed deliveries are reported; or no', parseFallback)
    .option('--templates <names>', 'shipped templates to copy beside those that the routes use; or all', parseTemplates)
    .option('-y, --yes', 'ask nothing: what no flag says is as most people want it')
    .addHelpText('after', '\nExample:\n  alo-relay init --alo --channel "#alo-actions" --quiet-hours Europe/Paris\n')
    .action(async (folder: string, options: Options) => exit(await init(folder, options)));
}

async function init(folder: string, options: Options): Promise<number> {
  // Before anything is asked, where the answers do not matter.
  if (existsSync(join(folder, 'config.yaml')))
    return refuse(folder, standing(folder, namesFor(withDefaults(givenBy(options)))));
  const answers = await answersOf(options);
  if (answers === null) {
    // Their cursor stands behind the question.
    process.stdout.write('\n');
    return failed('nothing was written.');
  }
  const names = namesFor(answers);
  const there = standing(folder, names);
  if (there.length > 0) return refuse(folder, there);
  const fault = await write(folder, names, answers);
  if (fault !== null) return failed(`${folder} cannot be written to: ${fault}.`);
  process.stdout.write(told(folder, answers, names));
  return 0;
}

function givenBy({ channel, quietHours, fallbackChannel, templates, ...options }: Options): Given {
  const flagged = PRODUCTS.filter(({ name }) => options[name] === true);
  const products = flagged.length > 0 ? flagged : undefined;
  return { products, channel, timezone: quietHours, fallback: fallbackChannel, templates };
}

/** Null where whoever was asked has left. */
async function answersOf(options: Options): Promise<Answers | null> {
  const given = givenBy(options);
  if (options.yes === true || !process.stdin.isTTY || !process.stdout.isTTY) return withDefaults(given);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and Ctrl-D close it, and leave its question open for ever.
  const left = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
  try {
    const ask = (question: string) => terminal.question(question);
    return await Promise.race([askFor(given, ask, (text) => process.stdout.write(text)), left]);
  } finally {
    terminal.close();
  }
}

/** Names relative to the folder. */
function namesFor(answers: Answers): string[] {
  return [
    'config.yaml',
    'config.test.yaml',
    ...[...templatesFor(answers).keys()].map((name) => `templates/${name}.yaml`),
  ];
}

async function textOf(name: string, answers: Answers): Promise<string> {
  if (name === 'config.yaml') return configText(answers);
  if (name === 'config.test.yaml') return casesText(answers);
  const template = basename(name, '.yaml');
  return templatesFor(answers).get(template) ?? shippedTemplate(template);
}

function standing(folder: string, names: readonly string[]): string[] {
  return names.map((name) => join(folder, name)).filter((path) => existsSync(path));
}

function refuse(folder: string, there: readonly string[]): number {
  const files = there.map((path) => `  ${path}\n`).join('');
  return failed(
    `nothing was written to ${folder}, for this is there already:\n${files}Name another folder, or move it away.`,
  );
}

/** Null, or why that went wrong. */
async function write(folder: string, names: readonly string[], answers: Answers): Promise<string | null> {
  try {
    for (const name of names) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      // Whatever came into being meanwhile stays, too.
      await writeFile(path, await textOf(name, answers), { flag: 'wx' });
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function failed(why: string): number {
  process.stderr.write(`alo-relay: ${why}\n`);
  return 1;
}

function told(folder: string, answers: Answers, files: readonly string[]): string {
  const config = shellWord(join(folder, 'config.yaml'));
  const variables = variablesFor(answers).map((name) => `${name}=…`);
  const topic = answers.products[0]?.topics[0] ?? 'all';
  const templates = files.filter((name) => name.startsWith('templates/')).length;
  const where = folder === '.' ? 'this folder' : folder;
  const steps = numbered([
    [nextCommand('test', { config }), 'what it does, by examples'],
    [nextCommand('serve --sandbox', { config }), 'try it: with a Slack workspace of its own, no account needed'],
    [nextCommand(`send ${topic}`, { config }), 'in another terminal: a first event'],
    [nextCommand('manifest', { config }), 'the Slack app, to paste at api.slack.com/apps'],
    [`export ${variables.join(' ')}`, 'its token, and the secrets that the senders show'],
    [nextCommand('check', { config }), 'every mistake, with its place'],
    [nextCommand('doctor', { config }), 'whether Slack has all that it needs'],
    [nextCommand('serve', { config }), 'the service'],
  ]);
  return `Wrote config.yaml, config.test.yaml and ${templates} templates to ${where}.\n\n${style('bold', 'Next')}\n${steps}`;
}

function numbered(steps: readonly (readonly [command: string, what: string])[]): string {
  const lines = steps.map(([command, what], index) => {
    return `  ${index + 1}. ${style('cyan', command)}\n     ${style('dim', what)}\n`;
  });
  return lines.join('');
}

/** As a shell takes it for one word. */
function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function style(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
