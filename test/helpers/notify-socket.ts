/** A socket on which a service manager would listen for notifications: Node has none of that kind, Python has. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

export interface NotifySocket {
  /** For `NOTIFY_SOCKET`. */
  readonly path: string;
  /** What came in, a notification each. Barriers of systemd-notify are not among them. */
  received(): string[];
  stop(): Promise<void>;
}

/** Why there can be none; null: there can. */
export function whyNoNotifySocket(): string | null {
  for (const [program, flag] of [
    ['systemd-notify', '--version'],
    ['python3', '--version'],
  ] as const) {
    try {
      execFileSync(program, [flag], { stdio: 'ignore' });
    } catch {
      return `there is no ${program}`;
    }
  }
  return null;
}

/** Descriptors that come along are not taken, so they are closed: that is what a barrier waits for. */
const RECEIVE = `
import json, os, socket, sys
socket_ = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
socket_.bind(sys.argv[1])
while True:
    print(json.dumps(socket_.recv(65536).decode()), flush=True)
`;

export async function openNotifySocket(folder: string): Promise<NotifySocket> {
  const path = join(folder, 'notify');
  const receiver = spawn('python3', ['-c', RECEIVE, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  receiver.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await until(() => existsSync(path));
  return {
    path,
    received: () =>
      output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => String(JSON.parse(line)))
        .filter((notification) => notification !== 'BARRIER=1'),
    async stop() {
      if (receiver.exitCode === null && receiver.kill('SIGKILL')) await once(receiver, 'exit');
    },
  };
}
