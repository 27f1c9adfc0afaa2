import { expect, it } from 'vitest';
import { slackTexts } from '../../src/templates/text.ts';

/** They walk lists by the names of keys, and fail for a name that is no text: the template's own mistake. */
const BY_KEY = /^(sort|map|where|reject|group_by|has|find)/;

const ODD = {
  payload: { odd: [[{ toString: 0, valueOf: null }]], one: { toString: 0 }, list: [{ toString: 0 }, 'x'] },
};

const FILTERS = Object.keys(slackTexts.engine('mrkdwn').filters).filter((name) => !BY_KEY.test(name));

it.each(FILTERS)('the filter %s takes objects whose toString is no function', (name) => {
  for (const path of ['event.payload.odd', 'event.payload.one', 'event.payload.list']) {
    for (const use of [`{{ ${path} | ${name} }}`, `{{ ${path} | ${name}: ${path} }}`, `{{ "a" | ${name}: ${path} }}`]) {
      const compiled = slackTexts.compile(use, 'mrkdwn');
      if (!compiled.ok) continue;
      const scope = { event: { payload: ODD.payload } };
      let failure = null;
      try {
        compiled.text.render(scope, { mention: () => undefined });
      } catch (error) {
        failure = String(error);
      }
      expect(failure ?? '').not.toMatch(/primitive value/);
    }
  }
});
