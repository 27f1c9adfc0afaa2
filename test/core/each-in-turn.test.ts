import { expect, it } from 'vitest';
import { eachInTurn } from '../../src/core/each-in-turn.ts';

it('a step that fails, at once or later, keeps none after it from being taken, in their order', async () => {
  const taken: string[] = [];
  await eachInTurn(
    (error) => taken.push(String(error)),
    [
      () => {
        throw new Error('at once');
      },
      async () => taken.push('second'),
      () => Promise.reject(new Error('later')),
      async () => taken.push('close the journal'),
    ],
  );
  expect(taken).toEqual(['Error: at once', 'second', 'Error: later', 'close the journal']);
});
