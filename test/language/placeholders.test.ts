import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainPlaceholders } from '../../src/language/placeholders.ts';
import { slackTexts, type TextPlace } from '../../src/templates/text.ts';
import { makeEvent } from '../helpers/events.ts';

const context = { mention: () => undefined };

function rendered(source: string, place: TextPlace, payload: unknown): string {
  const compiled = slackTexts.compile(source, place);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.text.render({ event: makeEvent({ payload }) }, context);
}

describe('plain placeholders', () => {
  it.each([
    ['{{ event.topic }}', true],
    ['a {{event.action.title}} b {{ event.payload.x_1.y }} }', true],
    ['{{ event.topic | upcase }}', false],
    ['{{- event.topic -}}', false],
    ['{% if event.topic %}x{% endif %}', false],
    ['{{ event.payload.list.size }}', false],
    ['{{ event.payload.list[0] }}', false],
    ['{{ event.payload["a b"] }}', false],
    ['{{ event.payload.a-b }}', false],
    ['{{ nil }}', false],
    ['{{ "text" }}', false],
    ['{{ event.topic', false],
    ['a }} {{ event.topic }}', false],
  ])('%s: %s', (source, plain) => {
    expect(plainPlaceholders(source, String) !== null).toBe(plain);
  });

  it('gives what Liquid gives, for any data, in any place', () => {
    const data = fc.dictionary(
      fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString'),
      fc.anything({
        withNullPrototype: false,
        maxDepth: 3,
        values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)],
      }),
    );
    const place = fc.constantFrom<TextPlace>('mrkdwn', 'plain_text', 'url', 'name');
    const path = fc.constantFrom('a', 'b', 'a.b', 'a.a.a', 'constructor', 'toString', 'a.constructor', 'b.__proto__');
    fc.assert(
      fc.property(data, place, path, fc.constantFrom('', 'https://x/', ' & '), (payload, where, name, before) => {
        const source = `${before}{{ event.payload.${name} }}.`;
        // An empty tag is enough for Liquid to render the whole.
        expect(rendered(source, where, payload)).toBe(rendered(`${source}{% if false %}{% endif %}`, where, payload));
      }),
    );
  });
});
