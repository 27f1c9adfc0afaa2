import { describe, expect, it } from 'vitest';
import { askFor, type Given, PRODUCTS } from '../../src/commands/init-answers.ts';

const NOTHING: Given = {
  products: undefined,
  channel: undefined,
  timezone: undefined,
  fallback: undefined,
  templates: undefined,
};

const named = (...names: readonly string[]) => PRODUCTS.filter(({ name }) => names.includes(name));

/** Answers in order; what was asked and told comes back with the outcome. */
async function interview(lines: readonly string[], given: Given = NOTHING) {
  const left = [...lines];
  const said: string[] = [];
  const ask = async (question: string) => {
    said.push(question);
    const line = left.shift();
    if (line === undefined) throw new Error(`nobody answers: ${question}`);
    return line;
  };
  const answers = await askFor(given, ask, (text) => said.push(text));
  expect(left).toEqual([]);
  return { answers, said };
}

describe('questions', () => {
  it('an empty line is what stands in brackets', async () => {
    const { answers, said } = await interview(['', ' ', '', '', '']);
    expect(answers).toEqual({
      products: named('alo', 'allo'),
      channel: '#relay',
      timezone: false,
      fallback: false,
      templates: [],
    });
    expect(said).toEqual([
      expect.stringContaining('of alo, allo, github? [alo, allo]'),
      expect.stringContaining('[#relay]'),
      expect.stringContaining('Quiet hours'),
      expect.stringMatching(/could not be delivered.*\[no\]/),
      expect.stringMatching(/templates.*\[no\]/),
    ]);
  });

  it('an answer that will not do is asked for again', async () => {
    const zones = ['Mars/Phobos', 'CET', 'Europe/Paris'];
    const { answers, said } = await interview([
      'hello',
      'Allo',
      'a b',
      'ops',
      ...zones,
      '?',
      'problems',
      'tags',
      'tag, contact',
    ]);
    expect(answers).toEqual({
      products: named('allo'),
      channel: '#ops',
      timezone: 'Europe/Paris',
      fallback: '#problems',
      templates: ['tag', 'contact'],
    });
    expect(said.filter((text) => text.endsWith('\n'))).toEqual([
      expect.stringContaining('Write one or more of alo'),
      expect.stringContaining('A channel is'),
      expect.stringContaining('A time zone is'),
      expect.stringContaining('did you mean "Europe/Paris"?'),
      expect.stringContaining('A channel is'),
      expect.stringContaining('Did you mean "tag"?'),
    ]);
  });

  it('what flags say is not asked', async () => {
    const rest = { fallback: false, templates: [] } as const;
    expect((await interview([], { products: named('alo'), channel: '#x', timezone: false, ...rest })).said).toEqual([]);
    expect((await interview(['#y'], { ...NOTHING, products: named('alo'), timezone: 'UTC', ...rest })).answers).toEqual(
      {
        products: named('alo'),
        channel: '#y',
        timezone: 'UTC',
        ...rest,
      },
    );
  });

  it('nobody there to answer ends it', async () => {
    await expect(interview(['alo'])).rejects.toThrow('nobody answers');
  });
});
