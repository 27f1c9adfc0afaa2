import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { salvage } from '../../src/language/salvage.ts';
import { object } from '../../src/language/schema.ts';
import { oneOrMany } from '../../src/language/values.ts';

const step = object({ channel: z.string(), template: z.string() });
const schema = object({
  name: z.string().optional(),
  post: oneOrMany(step).optional(),
  list: z.array(z.number()).default([]),
});

describe('salvage', () => {
  it.each([
    [
      'leaves what is right',
      { name: 'a', post: { channel: 'b', template: 'c' } },
      { name: 'a', post: { channel: 'b', template: 'c' } },
    ],
    ['removes keys that are not known', { name: 'a', nam: 'b' }, { name: 'a' }],
    ['removes what is wrong', { name: 1, list: [1] }, { list: [1] }],
    ['removes what lacks something', { name: 'a', post: { chanel: 'b', template: 'c' } }, { name: 'a' }],
    [
      'removes a list of which an item is wrong, for the others would move',
      { list: [1, 'b', 3], name: 'a' },
      { name: 'a' },
    ],
    ['has nothing left of another kind of value', 'text', undefined],
  ])('%s', (_, value, expected) => {
    expect(salvage(schema, value)).toEqual(expected);
  });

  it('takes a stand-in for what is wrong or missing, so that the rest is kept', () => {
    const value = { post: [{ channel: 1, template: 'a' }, { template: 'b' }] };
    expect(salvage(schema, value, { channel: 'x' })).toEqual({
      post: [
        { channel: 'x', template: 'a' },
        { channel: 'x', template: 'b' },
      ],
    });
  });

  it('removes a stand-in that is wrong itself', () => {
    expect(salvage(schema, { name: 'a', post: { channel: 1, template: 'b' } }, { channel: 2 })).toEqual({ name: 'a' });
  });

  it('changes nothing in the value that it is given', () => {
    const value = { name: 1 };
    salvage(schema, value);
    expect(value).toEqual({ name: 1 });
  });
});
