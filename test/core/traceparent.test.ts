import { describe, expect, it } from 'vitest';
import { readTraceparent, writeTraceparent } from '../../src/core/traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    // Flags that have no meaning yet.
    [`00-${TRACE}-${SPAN}-03`, true],
    [`00-${TRACE}-${SPAN}-fe`, false],
    // A version to come may say more, behind a dash.
    [`cc-${TRACE}-${SPAN}-01`, true],
    [`cc-${TRACE}-${SPAN}-01-what-comes-later`, true],
  ])('%s', (header, sampled) => {
    const context = readTraceparent(header);
    expect(context).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
    expect(context && writeTraceparent(context)).toBe(`00-${TRACE}-${SPAN}-0${sampled ? 1 : 0}`);
  });

  it.each([
    undefined,
    null,
    7,
    '',
    'x',
    [`00-${TRACE}-${SPAN}-01`],
    // Twice, as Node joins it.
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01 `,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}0-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `cc-${TRACE}-${SPAN}-01.more`,
    `cc-${TRACE}-${SPAN}-01-${'a'.repeat(1000)}`,
    `00-${TRACE.replace('4', 'g')}-${SPAN}-01`,
  ])('%j counts as none', (header) => {
    expect(readTraceparent(header)).toBeNull();
  });
});
