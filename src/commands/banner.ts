import type { AddressInfo } from 'node:net';
import { styleText } from 'node:util';
import type { Config } from '../config/config.ts';
import { listenerUrl } from '../core/listener-url.ts';
import type { Sandbox } from '../sandbox/server.ts';
import { invocation } from './invocation.ts';

interface Started {
  readonly file: string;
  readonly config: Config;
  readonly address: AddressInfo;
  readonly admin: AddressInfo | null;
  readonly sandbox: Sandbox | null;
}

/** What a person needs to know next: where webhooks go, where to look, what to type. */
export function banner({ file, config, address, admin, sandbox }: Started): string {
  const base = urlOf(address);
  const row = (label: string, value: string) => `  ${styleText('dim', label.padEnd(10))} ${value}\n`;
  const webhooks = config.sources.map(({ name }, index) =>
    row(index === 0 ? 'webhooks' : '', `${base}/webhooks/${name}`),
  );
  const look =
    sandbox === null
      ? []
      : [row('sandbox', `${sandbox.url}   (what your team would see in Slack)`), tryRow(file, config, row)];
  return [
    '\n',
    styleText('bold', 'alo-relay is ready\n'),
    ...webhooks,
    row('health', `${base}/readyz`),
    admin === null
      ? row('dashboard', `not listening: ${listenerUrl(config.admin)} is taken`)
      : row('dashboard', `${urlOf(admin)}/   (what came in, and what became of it)`),
    ...look,
    '\n',
  ].join('');
}

function urlOf({ address, port }: AddressInfo): string {
  return listenerUrl({ host: /^(0\.0\.0\.0|::)$/.test(address) ? 'localhost' : address, port });
}

function tryRow(file: string, config: Config, row: (label: string, value: string) => string): string {
  return row('try', styleText('cyan', sendHint(file, config)));
}

/** The command that sends the first sample event. */
export function sendHint(file: string, config: Config): string {
  const [first] = config.sources;
  const topic = first === undefined ? 'TOPIC' : (first.type.samples[0]?.topic ?? 'TOPIC');
  return `${invocation()} send ${topic} --config ${file}`;
}
