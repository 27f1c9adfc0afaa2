import { Command } from 'commander';
import { appManifest, manifestYaml } from '../slack/manifest.ts';

export function manifestCommand(_exit: (code: number) => void): Command {
  return new Command('manifest')
    .description('Print the Slack app manifest to paste at api.slack.com/apps → Create New App → From a manifest.')
    .option('--name <name>', "the app's name in Slack, at most 35 characters")
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  alo-relay manifest > manifest.yaml\n')
    .action(({ name, json }: { name?: string; json?: boolean }) => {
      const settings = name === undefined ? {} : { name };
      const text = json === true ? `${JSON.stringify(appManifest(settings), null, 2)}\n` : manifestYaml(settings);
      process.stdout.write(text);
    });
}
