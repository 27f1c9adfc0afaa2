import { describe, expect, it } from 'vitest';
import { BoundedLog } from '../../src/http/bounded-log.ts';
import { ManualClock } from '../helpers/clock.ts';

const ALO = { message: 'webhook refused', source: 'alo' };
const ALLO = { ...ALO, source: 'allo' };

function logging() {
  const clock = new ManualClock();
  const lines: [Record<string, unknown>, string][] = [];
  const write = (line: object, text?: string) => lines.push([{ ...line }, text ?? '']);
  const refusals = new BoundedLog({ warn: write, error: write }, clock);
  return { clock, lines, refusals };
}

describe('refused webhooks in the log', () => {
  it('the first ten a minute of a source in full, the rest as one line with their number, codes and clients', async () => {
    const { clock, lines, refusals } = logging();
    for (let index = 0; index < 5_000; index++) {
      const code = index % 2 === 0 ? 'signature-missing' : 'timestamp-stale';
      refusals.warn(ALO, { code, client: `192.0.2.${index % 50}`, request_id: `r${index}` });
    }
    refusals.warn(ALLO, { code: 'signature-mismatch', client: '192.0.2.1', request_id: 'r' });
    expect(lines).toHaveLength(11);
    expect(lines[0]).toEqual([
      { source: 'alo', code: 'signature-missing', client: '192.0.2.0', request_id: 'r0' },
      'webhook refused',
    ]);
    expect(lines[10]?.[0]).toMatchObject({ source: 'allo' });

    await clock.advance(60_000);
    expect(lines).toHaveLength(12);
    expect(lines[11]).toEqual([
      {
        source: 'alo',
        more: 4_990,
        codes: { 'signature-missing': 2_495, 'timestamp-stale': 2_495 },
        clients: 50,
      },
      'webhook refused: more in the last minute',
    ]);
    refusals.warn(ALO, { code: 'timestamp-stale', client: '192.0.2.1', request_id: 'next' });
    expect(lines[12]?.[0]).toMatchObject({ request_id: 'next' });
    expect(clock.waiting).toBe(1);
  });

  it('counts at most 1,000 clients apart', async () => {
    const { clock, lines, refusals } = logging();
    for (let index = 0; index < 3_000; index++) {
      refusals.warn(ALO, { code: 'x', client: `2001:db8::${index.toString(16)}`, request_id: 'r' });
    }
    await clock.advance(60_000);
    expect(lines.at(-1)?.[0]).toMatchObject({ more: 2_990, clients: 1_000 });
  });
});
