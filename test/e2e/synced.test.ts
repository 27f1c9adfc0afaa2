/** By its system calls: the program answers no webhook 200 before the event is on the disk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { start } from '../helpers/program.ts';
import { readTrace, type SystemCall, tracing, whyNoTrace } from '../helpers/system-calls.ts';
import { until } from '../helpers/until.ts';

const whyNot = whyNoTrace();
if (whyNot !== null) process.stderr.write(`${whyNot}: what is synced before a 200 is not tested\n`);

const SENDS = ['write', 'writev', 'sendto', 'sendmsg'];
const RECEIVES = ['read', 'readv', 'recvfrom', 'recvmsg'];
const SYNCS = ['fsync', 'fdatasync'];
const TRACED = [...SENDS, ...RECEIVES, ...SYNCS, 'pwrite64', 'pwritev'];

/** Of as many digits each: none is the beginning of another. */
const ONE_BY_ONE = range(1_001, 1_025);
const AT_ONCE = range(1_101, 1_180);
const CONNECTIONS = 8;

let home: Home;

beforeEach(async () => {
  home = await makeHome();
});

afterEach(() => home.remove());

describe.skipIf(whyNot !== null)('a webhook', () => {
  it('is answered 200 only after its commit was synced to the disk', async () => {
    const trace = await traceOf(async (url) => {
      for (const n of ONE_BY_ONE) await sent(url, n);
      const left = AT_ONCE.values();
      const connection = async () => {
        for (const n of left) await sent(url, n);
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    });
    const all = [...ONE_BY_ONE, ...AT_ONCE].map((n) => `msg_${n}`);
    expect([...answersIn(trace).keys()].toSorted()).toEqual(all);
    expect(answeredTooEarly(trace)).toEqual([]);

    // And the same trace, doctored: syncs that never were, that failed, or that began before the last frame was written.
    expect(answeredTooEarly(trace.filter((call) => !isSync(call)))).toEqual(all);
    expect(answeredTooEarly(trace.map((call) => (isSync(call) ? { ...call, result: -1 } : call)))).toEqual(all);
    const early = (call: SystemCall) => (isSync(call) ? { ...call, began: Number.NEGATIVE_INFINITY } : call);
    expect(answeredTooEarly(trace.map(early))).toEqual(all);
  }, 60_000);
});

async function sent(url: string, n: number): Promise<void> {
  expect((await home.send(url, n)).status).toBe(200);
}

/** Of all that the program does while it lives. */
async function traceOf(act: (url: string) => Promise<void>): Promise<SystemCall[]> {
  const file = join(home.cwd, 'trace');
  const program = start(['serve'], { cwd: home.cwd, under: tracing(file, TRACED) });
  await act(await program.printed(/(http:\S+\/webhooks\/allo)/));
  program.process.kill('SIGKILL');
  await program.ended();
  // strace goes on for a moment.
  const last = `${program.process.pid} +\\+\\+\\+ killed by SIGKILL`;
  await until(() => new RegExp(last).test(readFileSync(file, 'latin1').slice(-10_000)));
  return readTrace(file);
}

/** The ids of events that were answered 200 although no sync of the log came between the end of their commit and that. */
function answeredTooEarly(calls: readonly SystemCall[]): string[] {
  const commits = commitsIn(calls);
  const syncs = calls.filter((call) => isSync(call) && call.result === 0);
  const isSafe = ([id, answer]: [string, SystemCall]) => {
    const commit = commits.find(({ pages }) => pages.some((page) => page.includes(id)));
    if (commit === undefined) return false;
    return syncs.some(({ began, ended }) => commit.ended < began && ended < answer.began);
  };
  return [...answersIn(calls)]
    .filter((one) => !isSafe(one))
    .map(([id]) => id)
    .toSorted();
}

/** The 200 of each event, by its id. */
function answersIn(calls: readonly SystemCall[]): Map<string, SystemCall> {
  const asked = new Map<string, string>();
  const answers = new Map<string, SystemCall>();
  for (const call of calls) {
    const id = RECEIVES.includes(call.name) && /^webhook-id: (\S+)/im.exec(call.data)?.[1];
    if (id) asked.set(call.descriptor, id);
    const answered = asked.get(call.descriptor);
    if (answered === undefined || !SENDS.includes(call.name) || !call.data.startsWith('HTTP/1.1 200')) continue;
    answers.set(answered, call);
    asked.delete(call.descriptor);
  }
  return answers;
}

interface Commit {
  /** What it wrote, page by page. */
  readonly pages: readonly string[];
  /** When its last write was over. */
  readonly ended: number;
}

const FRAME_HEADER_BYTES = 24;

/**
 * The transactions in SQLite's write-ahead log: frames of a header and a page, written one after the other. The header of
 * the last one holds the size of the database, the others' a zero. Source: sqlite.org/fileformat2.html.
 */
function commitsIn(calls: readonly SystemCall[]): Commit[] {
  const commits: Commit[] = [];
  let pages: string[] = [];
  let isLast = false;
  for (const { data, ended } of calls.filter(({ name, descriptor }) => name === 'pwrite64' && isLog(descriptor))) {
    if (data.length === FRAME_HEADER_BYTES) {
      isLast = Buffer.from(data, 'latin1').readUInt32BE(4) > 0;
      continue;
    }
    pages.push(data);
    if (!isLast) continue;
    commits.push({ pages, ended });
    pages = [];
    isLast = false;
  }
  return commits;
}

function isSync({ name, descriptor }: SystemCall): boolean {
  return SYNCS.includes(name) && isLog(descriptor);
}

function isLog(descriptor: string): boolean {
  return descriptor.endsWith('relay.db-wal>');
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
