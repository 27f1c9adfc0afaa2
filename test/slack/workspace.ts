/** A sandbox, and our client in it, whose messages may get lost. Closed when the test has ended. */
import { expect, onTestFinished } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { Posting, Search } from '../../src/slack/gateway.ts';
import { ManualClock } from '../helpers/clock.ts';
import { gatewayAt, POSTING } from './near-end.ts';

/** The sandbox's clock is right, the gateway's is off by `off.ms`. */
export async function workspace() {
  const clock = new ManualClock();
  const sandbox = await startSandbox({ port: 0, limits: null, clock });
  onTestFinished(() => sandbox.close());
  const off = { ms: 0 };
  const ours = { now: () => clock.now() + off.ms, monotonic: clock.monotonic, after: clock.after };
  const start = () => gatewayAt(sandbox.apiUrl, { clock: ours });
  return { sandbox, clock, off, now: ours.now, start, gateway: start() };
}

export type Workspace = Awaited<ReturnType<typeof workspace>>;

/** Posts, and loses the answer. Gives where it is, and the search for it. */
export async function lose(
  { gateway, sandbox, clock, now }: Workspace,
  changes: Partial<Posting> = {},
): Promise<{ search: Search; ts: string }> {
  const since = now();
  const posting = { ...POSTING, channel: '#ops', ...changes };
  sandbox.faults.add({ kind: 'drop_after', method: 'chat.postMessage' });
  const outcome = await gateway.post(posting);
  expect(outcome.kind).toBe('unknown');
  const conversation = sandbox.workspace.conversation(posting.channel);
  await clock.advance(1000);
  const search = { channel: conversation?.id ?? '', deliveryId: posting.deliveryId, since, until: since };
  return { search, ts: conversation?.all.at(-1)?.ts ?? '' };
}

/** Other people's messages. */
export function say({ workspace }: Sandbox, count: number): void {
  for (let n = 0; n < count; n++) workspace.say('#ops', 'maria@example.com', { text: String(n) });
}
