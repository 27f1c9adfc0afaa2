/**
 * What the service owes systemd where it runs under it: notifications (sd_notify) and log lines with a priority.
 * Node has no datagram sockets of the AF_UNIX family, so systemd's own program sends the notifications. The unit needs
 * `NotifyAccess=all`, since the sender is not the main process.
 */
import { execFile } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Variables } from '../config/environment.ts';
import type { Logger } from '../core/log.ts';

/** systemd-notify waits for systemd to read the notification. */
const NOTIFY_WITHIN_MS = 5_000;

export interface Systemd {
  /** The service accepts webhooks. `status` is shown by `systemctl status`. Never rejects. */
  ready(status: string): Promise<void>;
  /** It takes nothing new, and finishes what it is sending. Never rejects. */
  stopping(): Promise<void>;
}

export interface SystemdParts {
  readonly environment: Variables;
  readonly log: Pick<Logger, 'warn'>;
  /** Runs a program to its end, and rejects where it fails. */
  readonly run?: (program: string, args: readonly string[], environment: Variables) => Promise<unknown>;
}

/** Does nothing where `NOTIFY_SOCKET` is not set. */
export function createSystemd({ environment, log, run = runProgram }: SystemdParts): Systemd {
  // One at a time: systemd must not learn of the start after the stop.
  let last = Promise.resolve();
  const notify = (...assignments: readonly string[]): Promise<void> => {
    if (environment.NOTIFY_SOCKET) last = last.then(() => send(assignments));
    return last;
  };
  async function send(assignments: readonly string[]): Promise<void> {
    try {
      await run('systemd-notify', assignments, environment);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      log.warn({ code, detail: `systemd-notify failed (${code}). ${REMEDY}` }, 'systemd was not notified');
    }
  }
  return {
    ready: (status) => notify('READY=1', `STATUS=${status}`),
    stopping: () => notify('STOPPING=1', 'STATUS=Stopping'),
  };
}

const REMEDY = 'Install systemd-notify, or set Type=exec in the unit: with Type=notify, systemd ends the service.';

function runProgram(program: string, args: readonly string[], environment: Variables): Promise<unknown> {
  return promisify(execFile)(program, [...args], { env: environment, timeout: NOTIFY_WITHIN_MS });
}

/** Whether the journal reads this descriptor: only then does it understand a priority before a line. */
export function isJournalStream({ JOURNAL_STREAM: stream }: Variables, descriptor: number): boolean {
  if (!stream) return false;
  const { dev, ino } = fstatSync(descriptor);
  return stream === `${dev}:${ino}`;
}
