import { styleText } from 'node:util';
import { Command } from 'commander';
import type { AuditedOrder } from '../history/audit-view.ts';
import type { DeliveryHistory } from '../history/delivery-history.ts';
import { counted, localTime, printable } from './delivery-table.ts';
import { withHistory } from './open-history.ts';
import { SERVICE_HELP, type ServiceOptions, since, wholeNumber, withServiceOptions } from './options.ts';

const SHOWN = 50;
const PAGE = 500;

interface Options extends ServiceOptions {
  /** ms since the epoch. */
  readonly since?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

export function auditCommand(exit: (code: number) => void): Command {
  const command = new Command('audit').description('Show who replayed and dismissed what, and when. Newest first.');
  return withServiceOptions(command)
    .option('--since <time>', 'only what was ordered since: 30s, 15m, 2h, 7d ago, or a date', since)
    .option('--limit <n>', `how many; default ${SHOWN}, with --json all`, wholeNumber(1, 10_000_000))
    .option('--json', 'print JSON lines, one an order')
    .addHelpText('after', `${SERVICE_HELP}\nExample:\n  alo-relay audit --since 7d\n`)
    .action(async (options: Options) => exit(await audit(options)));
}

function audit(options: Options): Promise<number> {
  const { json } = options;
  return withHistory(options, async ({ history }) => {
    let shown = 0;
    for await (const order of orders(history, options)) {
      process.stdout.write(json === true ? `${JSON.stringify(order)}\n` : described(order));
      shown += 1;
    }
    if (shown === 0 && json !== true) process.stdout.write('Nothing was replayed or dismissed.\n');
    return 0;
  });
}

async function* orders(
  history: Pick<DeliveryHistory, 'audit'>,
  { since: from, limit, json }: Options,
): AsyncGenerator<AuditedOrder> {
  let before: number | undefined;
  for (let left = limit ?? (json === true ? Number.POSITIVE_INFINITY : SHOWN); left > 0; left -= PAGE) {
    const { entries, next } = await history.audit({ since: from, before, limit: Math.min(left, PAGE) });
    yield* entries;
    if (next === null) return;
    before = next;
  }
}

function described({ at, action, by, what, reason, deliveries }: AuditedOrder): string {
  const many = deliveries === null ? 'not finished' : counted(deliveries, 'delivery', 'deliveries');
  const where = by.address === null ? '' : ` from ${printable(by.address)}`;
  const who = `${by.name === null ? '' : `${printable(by.name)}, `}${by.role} by ${VIA[by.via]}${where}`;
  const head = `${localTime(at)}  ${styleText('bold', action, { stream: process.stdout })}  ${many}`;
  const lines = [head, who, printable(what), ...(reason === null ? [] : [`Reason: ${printable(reason)}`])];
  return `${lines.join('\n    ')}\n`;
}

const VIA = {
  dashboard: 'the dashboard',
  command: 'a command',
  api: 'the API',
  journal: 'a command on the journal',
} as const satisfies Readonly<Record<AuditedOrder['by']['via'], string>>;
