import { styleText } from 'node:util';
import { Command } from 'commander';
import { adminUrl } from '../client/admin-url.ts';
import { findService } from '../client/remote-history.ts';
import { givenToken } from '../client/service-token.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { type Mask, maskOf } from '../config/mask.ts';
import { missingForJournal, sandboxVariables } from '../config/sandbox.ts';
import { isError, type Problem } from '../core/problem.ts';
import type { DoctorParts } from '../doctor/doctor.ts';
import type { Finding, Section } from '../doctor/finding.ts';
import { counted, printable } from './delivery-table.ts';
import { configOption, nextCommand } from './options.ts';

interface Options {
  readonly config: string;
  readonly json?: boolean;
}

export function doctorCommand(exit: (code: number) => void): Command {
  return new Command('doctor')
    .description('Look at all that the config needs: token, scopes, channels, people, clock, journal, listeners.')
    .addOption(configOption())
    .option('--json', 'print what is found as JSON')
    .addHelpText('after', '\nExample:\n  alo-relay doctor --config config.yaml\n')
    .action(async (options: Options) => exit(await doctor(options)));
}

async function doctor({ config: file, json }: Options): Promise<number> {
  const { config, section } = await configOf(file);
  const journalKnown = (await missingForJournal(file, process.env)).length === 0;
  const sections: Section[] = [];
  const mask = await maskOf(file, process.env);
  const report = (shown: Section) => {
    const found = masked(shown, mask);
    sections.push(found);
    if (json !== true) process.stdout.write(described(found));
  };
  report(section);
  if (config !== null) for await (const found of await examined(config, journalKnown)) report(found);
  const findings = sections.flatMap(({ findings }) => findings);
  const count = (status: Finding['status']) => findings.filter((finding) => finding.status === status).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (json === true) process.stdout.write(`${JSON.stringify({ ok: problems === 0, sections }, null, 2)}\n`);
  else {
    const told = [counted(problems, 'problem', 'problems'), counted(warnings, 'warning', 'warnings')];
    process.stdout.write(`\n${problems + warnings === 0 ? 'All is well' : told.join(', ')}.\n`);
  }
  return problems === 0 ? 0 : 1;
}

function masked({ title, findings }: Section, mask: Mask): Section {
  const shown = findings.map(({ message, remedy, ...finding }) => ({
    ...finding,
    message: mask.text(message),
    ...(remedy !== undefined && { remedy: mask.text(remedy) }),
  }));
  return { title, findings: shown };
}

/** Loaded only when asked for: no other command carries it. */
async function examined(config: Config, journalKnown: boolean): Promise<AsyncIterable<Section>> {
  const { examine } = await import('../doctor/doctor.ts');
  const token = (await givenToken(process.env)) ?? config.admin.token;
  const admin = await findService({ url: adminUrl(config.admin), token });
  const { port } = config.server;
  const parts: DoctorParts = {
    config,
    journalKnown,
    url: port === 0 ? null : adminUrl(config.server),
    adminUrl: adminUrl(config.admin),
    admin,
  };
  return examine(parts);
}

/**
 * The config, and what is wrong with it. Where only variables are not set, the rest can be looked at all the same: they
 * get the values that the sandbox would give them, of which none is a token.
 */
async function configOf(file: string): Promise<{ config: Config | null; section: Section }> {
  const strict = await loadConfig(file, process.env);
  const section = configSection(file, strict.problems);
  if (strict.config !== null) return { config: strict.config, section };
  const variables = await sandboxVariables(file, process.env, 'forget');
  const { config } = await loadConfig(file, variables);
  if (config === null) return { config, section };
  const madeUp = new Set(
    Object.entries(variables).flatMap(([name, value]) => (process.env[name] === undefined ? [value] : [])),
  );
  const { token } = config.slack;
  const slack = { ...config.slack, token: token !== null && madeUp.has(token.reveal()) ? null : token };
  return { config: { ...config, slack }, section };
}

function configSection(file: string, problems: readonly Problem[]): Section {
  const errors = problems.filter(isError).map(
    ({ line, column, code, message, remedy }): Finding => ({
      status: 'problem',
      code,
      message: `${file}:${line}:${column} ${message}`,
      ...(remedy !== undefined && { remedy }),
    }),
  );
  const warnings = problems.length - errors.length;
  const check = nextCommand('check', { config: file });
  const few: Finding[] =
    warnings > 0
      ? [
          {
            status: 'warning',
            code: 'config-warnings',
            message: `${file} has ${counted(warnings, 'warning', 'warnings')}.`,
            remedy: `See ${check}.`,
          },
        ]
      : [];
  const good: Finding[] =
    errors.length + warnings === 0 ? [{ status: 'ok', code: 'config', message: `${file} has no problems.` }] : [];
  return { title: 'Config', findings: [...errors, ...few, ...good] };
}

const MARKS = { ok: ['green', '✓'], note: ['dim', '·'], warning: ['yellow', '!'], problem: ['red', '✗'] } as const;

function described({ title, findings }: Section): string {
  const stream = process.stdout;
  const lines = findings.flatMap(({ status, message, remedy }) => {
    const [colour, mark] = MARKS[status];
    const what = `  ${styleText(colour, mark, { stream })} ${printable(message)}\n`;
    return remedy === undefined ? [what] : [what, ...remedy.split('\n').map((line) => `      ${printable(line)}\n`)];
  });
  return `${styleText('bold', title, { stream })}\n${lines.join('')}`;
}
