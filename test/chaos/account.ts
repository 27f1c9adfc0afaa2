/** What the service says became of each delivery, asked as an operator asks. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type DeliveryOutcome, deliveryPage } from '../../src/history/outcomes.ts';
import type { Program } from './service.ts';

const PAGE = 1000;
const ANSWER_WITHIN_MS = 10_000;
const COMMAND_WITHIN_MS = 60_000;

const status = z.object({ deliveries: z.record(z.string(), z.number()) });

/** Deliveries by state. Rejects while the service does not answer. */
export async function readTally(adminUrl: string): Promise<Readonly<Record<string, number>>> {
  return status.parse(await ask(`${adminUrl}api/status`)).deliveries;
}

/** Every delivery there is, newest first. */
export async function readAccount(adminUrl: string): Promise<DeliveryOutcome[]> {
  const rows: DeliveryOutcome[] = [];
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; ) {
    const page = deliveryPage.parse(await ask(`${adminUrl}api/deliveries?limit=${PAGE}&before=${before}`));
    rows.push(...page.deliveries);
    before = page.next;
  }
  return rows;
}

/** Sends again what is dead. False where the command failed, as it does while the service is down. */
export async function replayDead({
  program,
  folder,
  config,
}: {
  readonly program: Program;
  readonly folder: string;
  readonly config: string;
}): Promise<boolean> {
  const args = [program.cli, 'replay', '--dead', '--config', config];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: folder, timeout: COMMAND_WITHIN_MS });
    return true;
  } catch {
    return false;
  }
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
