import { expect, test } from 'vitest';
import type { MessageTemplate } from '../../src/templates/template.ts';
import { createRender } from '../../src/verbs/render.ts';
import { makeEvent } from '../helpers/events.ts';

const people = {
  known: () => null,
  laneKey: () => 'nobody',
  lookUp: () => Promise.reject(new Error('nobody is asked for')),
};

/** What happens in which order when five messages are rendered at once: `m` a message, `t` a turn of the event loop. */
async function orderOf(steps: number): Promise<string> {
  let order = '';
  let done = false;
  const template: MessageTemplate = {
    name: 'sample',
    file: 'sample.yaml',
    groups: [],
    render(_, __, work) {
      work?.spend(steps);
      order += 'm';
      return { text: 'x', summary: 'x' };
    },
  };
  const render = createRender(new Map([['sample', template]]), people);
  const watch = () => {
    order += 't';
    if (!done) setImmediate(watch);
  };
  setImmediate(watch);
  await Promise.all(Array.from({ length: 5 }, () => render('sample', { event: makeEvent(), thresholdHit: null })));
  done = true;
  return order;
}

test('messages that take much work are rendered in several turns of the event loop', async () => {
  expect(await orderOf(60_000)).toMatch(/^(mt+){4}m/);
});

test('ordinary messages do not wait for each other', async () => {
  expect(await orderOf(300)).toMatch(/^mmmmm/);
});
