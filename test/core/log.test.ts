import { describe, expect, it } from 'vitest';
import { streamLogger, withPriority } from '../../src/core/log.ts';

const MARKER = 'marker-of-a-message';

function logged(error: unknown): { line: string; err: Record<string, unknown> } {
  const lines: string[] = [];
  streamLogger({ write: (line: string) => lines.push(line) }).error({ err: error }, 'failed');
  const line = lines.join('');
  return { line, err: JSON.parse(line).err };
}

describe('an error in the log', () => {
  it('is its class, code, message, stack and causes, and nothing else that hangs on it', () => {
    const parse = Object.assign(new Error('Parse Error'), {
      code: 'HPE_X',
      rawPacket: Buffer.from(MARKER),
      bytes: MARKER,
    });
    const { line, err } = logged(new TypeError('outer', { cause: parse }));
    expect(err).toMatchObject({ type: 'TypeError', message: 'outer', cause: { type: 'Error', code: 'HPE_X' } });
    expect(err.stack).toMatch(/^TypeError: outer\n\s+at /);
    expect(line).not.toContain(MARKER);
    expect(line).not.toContain('rawPacket');
  });

  it('never quotes what was parsed', () => {
    const { line, err } = logged(caught(() => JSON.parse(`{"a": ${MARKER}`)));
    expect(err).toMatchObject({ type: 'SyntaxError' });
    expect(line).not.toContain('marker');
  });

  it.each([
    ['a text', MARKER],
    ['an object', { MARKER }],
    ['nothing', undefined],
  ])('%s that was thrown', (_, thrown) => {
    expect(logged(thrown).line).not.toContain(MARKER);
  });

  it('has an end, where its causes go round', () => {
    const error: Error & { cause?: unknown } = new Error('round');
    error.cause = error;
    expect(logged(error).line.length).toBeLessThan(20_000);
  });
});

function caught(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

it('each level has its priority for the journal', () => {
  const lines: string[] = [];
  const log = streamLogger(withPriority({ write: (line: string) => lines.push(line) }), 'trace');
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const) log[level]('x');
  expect(lines.map((line) => line.slice(0, 12))).toEqual([
    '<2>{"level":',
    '<3>{"level":',
    '<4>{"level":',
    '<6>{"level":',
    '<7>{"level":',
    '<7>{"level":',
  ]);
});
