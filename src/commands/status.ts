/** `alo-relay status`: how the running service is, in about ten lines. */
import { Command } from 'commander';
import { withHistory } from './open-history.ts';
import { nextCommand, SERVICE_HELP, type ServiceOptions, withServiceOptions } from './options.ts';
import { adviceOf, statusText } from './status-text.ts';

interface Options extends ServiceOptions {
  readonly json?: boolean;
}

export function statusCommand(exit: (code: number) => void): Command {
  return withServiceOptions(new Command('status'))
    .description(
      'Show how the running service is: journal, Slack, sources, what waits and why, what did not arrive. Exit code 1 where somebody has to do something.',
    )
    .option('--json', 'print it as JSON')
    .addHelpText('after', SERVICE_HELP)
    .addHelpText('after', '\nExample:\n  alo-relay status || mail -s "alo-relay" ops@example.com\n')
    .action(async (options: Options) => exit(await status(options)));
}

async function status({ json, ...service }: Options): Promise<number> {
  const command = (name: string) => nextCommand(name, service);
  const onAlone = (url: string) =>
    void process.stderr.write(`alo-relay: the service does not run, or not here: nothing listens at ${url}.\n`);
  const show = async ({ history }: Parameters<Parameters<typeof withHistory>[1]>[0]) => {
    const report = await history.status();
    const advice = adviceOf(report, command);
    const answer = { ok: advice.length === 0, ...report, advice };
    process.stdout.write(json === true ? `${JSON.stringify(answer)}\n` : statusText(report, advice, Date.now()));
    return advice.length === 0 ? 0 : 1;
  };
  return withHistory(service, show, onAlone);
}
