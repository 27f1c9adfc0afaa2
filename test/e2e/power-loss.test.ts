/** The power goes, again and again: every event that was answered 200 is on the disk, and reaches Slack once. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome, type Serving } from '../helpers/home.ts';
import { freeze, LoopDisk, whyNoLoopDisk } from '../helpers/loop-disk.ts';
import { killAll } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

const whyNot = whyNoLoopDisk();
if (whyNot !== null) process.stderr.write(`${whyNot}: losses of power are not tested\n`);

const LOSSES = 6;
const CONNECTIONS = 16;
const MEBIBYTES = 128;
const WITHIN_MS = 90_000;
const SMALL_CHECKPOINTS = resolve(import.meta.dirname, '../helpers/small-checkpoints.ts');

let home: Home;
const disks: LoopDisk[] = [];

beforeEach(async () => {
  if (whyNot !== null) return;
  home = await makeHome({ env: { NODE_OPTIONS: `--import=${SMALL_CHECKPOINTS}` } });
  const channel = '"#c{{ event.payload.data.lane }}"';
  await home.configure({
    journal: './disk/relay.db',
    routes: `[{ post: { channel: ${channel}, template: hello } }]`,
  });
  disks.push(await LoopDisk.make(join(home.cwd, 'disk'), { mebibytes: MEBIBYTES }));
});

afterEach(async () => {
  if (whyNot !== null) return;
  killAll();
  for (const disk of disks.splice(0)) disk.remove();
  await home.remove();
});

/** Sends without a pause until it is stopped. */
class Flood {
  readonly #acknowledged: number[] = [];
  readonly #sending: Promise<unknown>;
  #isOver = false;
  #next = 1;

  constructor(url: string) {
    this.#sending = Promise.all(Array.from({ length: CONNECTIONS }, () => this.#send(url)));
  }

  get acknowledged(): readonly number[] {
    return this.#acknowledged;
  }

  async #send(url: string): Promise<void> {
    while (!this.#isOver) {
      const n = this.#next++;
      const data = { lane: n % 20, filler: 'x'.repeat((n % 7) * 1_000) };
      // None is answered after the power is gone for good.
      const answer = await home.send(url, n, { data }).catch(() => null);
      if (answer?.status === 200) this.#acknowledged.push(n);
      else if (answer !== null) throw new Error(`${n} was answered ${answer.status}`);
      else return;
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#sending;
  }
}

describe.skipIf(whyNot !== null)('a loss of power', () => {
  it(
    'takes no event that was answered 200, and sends none twice',
    async () => {
      // So that many are on their way when the power goes: taken by Slack, and not yet known to be.
      home.sandbox.faults.add({ method: 'chat.postMessage', times: 1_000_000, kind: 'slow', ms: 30 });
      const first = await home.serve();
      const flood = new Flood(first.url);
      const logs: number[] = [];
      for (let loss = 1; loss <= LOSSES; loss++) {
        const enough = flood.acknowledged.length + 100 + Math.random() * 100;
        await until(() => flood.acknowledged.length >= enough, 20_000);
        const left = await lose(first, `left-${loss}`);
        logs.push(logNumber(left));
        expect(missing(left, flood.acknowledged), `loss ${loss}`).toEqual([]);
        disks.pop()?.remove();
        first.program.process.kill('SIGCONT');
      }
      // The log began anew in between, or it would have been too easy.
      expect((logs.at(-1) ?? 0) - (logs[0] ?? 0)).toBeGreaterThan(LOSSES);

      await lose(first, 'left');
      first.program.process.kill('SIGKILL');
      await first.program.ended();
      await flood.stop();
      await home.configure({ journal: './left/relay.db' });
      const second = await home.serve();
      const arrived = () => home.messages().map((message) => Number(message.split(' ')[1]));
      await until(() => new Set(flood.acknowledged).isSubsetOf(new Set(arrived())), 30_000);
      second.program.process.kill('SIGTERM');
      expect(await second.program.ended()).toBe(0);
      expect(arrived().filter((n, index, all) => all.indexOf(n) !== index)).toEqual([]);
    },
    WITHIN_MS,
  );
});

/** The program stands still; what the disk holds at that moment is mounted beside it. */
async function lose({ program }: Serving, name: string): Promise<LoopDisk> {
  await freeze(program.process.pid ?? 0);
  const [disk] = disks;
  if (disk === undefined) throw new RangeError('There is no disk.');
  const left = await disk.afterPowerLoss(join(home.cwd, name));
  disks.push(left);
  // What was answered before has been read by now.
  await turn();
  return left;
}

/** Those of the numbers whose event is not in the journal; it must be whole. */
function missing({ path }: LoopDisk, numbers: readonly number[]): number[] {
  const journal = new DatabaseSync(join(path, 'relay.db'));
  try {
    expect(journal.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    const ids = new Set(
      journal
        .prepare('select id from events')
        .all()
        .map(({ id }) => id),
    );
    return numbers.filter((n) => !ids.has(`msg_${n}`));
  } finally {
    journal.close();
  }
}

/** How often SQLite's log has begun anew. Source: sqlite.org/fileformat2.html. */
function logNumber({ path }: LoopDisk): number {
  const file = join(path, 'relay.db-wal');
  return existsSync(file) && statSync(file).size > 0 ? readFileSync(file).readUInt32BE(12) : 0;
}
