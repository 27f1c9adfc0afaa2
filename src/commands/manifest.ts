import { Command } from 'commander';
import { RelayError } from '../core/errors.ts';
import { appManifest, manifestYaml } from '../doctor/manifest.ts';

export function manifestCommand(_exit: (code: number) => void): Command {
  return new Command('manifest')
    .description('Print the Slack app manifest to paste at api.slack.com/apps → Create New App → From a manifest.')
    .option('--name <name>', "the app's name in Slack, at most 35 characters")
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  alo-relay manifest > manifest.yaml\n')
    .action(({ name, json }: { name?: string; json?: boolean }) => {
      const settings = name === undefined ? {} : { name };
      try {
        const manifest = appManifest(settings);
        process.stdout.write(json === true ? `${JSON.stringify(manifest, null, 2)}\n` : manifestYaml(settings));
      } catch (error) {
        if (error instanceof RangeError) throw new RelayError('usage', `--name: ${error.message}.`);
        throw error;
      }
    });
}
