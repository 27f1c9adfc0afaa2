import { describe, expect, test } from 'vitest';
import { slackTexts } from '../../src/templates/text.ts';

describe('compiling', () => {
  test.each([
    ['{{ event.action.titl }}', 'unknown-field', '"event.action" has no "titl".', 'Did you mean "title"?', 3],
    [
      'a\n{% if evnt.topic %}x{% endif %}',
      'unknown-field',
      'There is no "evnt" here.',
      'Did you mean "event"? Known here: event, guest.',
      8,
    ],
    ['{{ payload.x }}', 'unknown-field', 'There is no "payload" here.', 'Did you mean "event.payload"?', 3],
    ['{{ event.topic.name }}', 'unknown-field', '"event.topic" has no "name".', 'It has: size.', 3],
    [
      '{{ event.assignees.added.name }}',
      'unknown-field',
      '"event.assignees.added" has no "name".',
      'It has: first, last, size.',
      3,
    ],
    [
      '{{ event.assignees.added[0].nam }}',
      'unknown-field',
      '"event.assignees.added[0]" has no "nam".',
      'Did you mean "name"?',
      3,
    ],
    ['{{ guest.mail }}', 'unknown-field', '"guest" has no "mail".', 'Did you mean "email"?', 3],
    ['{{ event.topic | append: event.foo }}', 'unknown-field', '"event" has no "foo".', 'It has: id,', 25],
    [
      'ab {{ event.topic | upcaze }}',
      'unknown-filter',
      'There is no filter "upcaze".',
      'Did you mean "upcase"? Filters: abs,',
      20,
    ],
    [
      '{% assign x = event.id | menton %}',
      'unknown-filter',
      'There is no filter "menton".',
      'Did you mean "mention"?',
      25,
    ],
    ['x {{ event.topic', 'text-syntax', '{{ event.topic is not closed.', 'Add }}.', 2],
    ['x {% if event.topic %}y', 'text-syntax', '{% if event.topic %} is not closed.', 'Add {% endif %}.', 2],
    ['x {% if event.topic', 'text-syntax', '{% if event.topic is not closed.', 'Add %}.', 2],
    ['{{ }}', 'text-syntax', 'This is not Liquid: invalid value expression: "".', '', 3],
    ['{% endif %}', 'text-syntax', '{% endif %} does not belong to anything that is open here.', '', 0],
    [
      '{% render "x" %}',
      'tag-not-allowed',
      'The tag "render" cannot be used here: a template is one file, and its output is no HTML.',
      '',
      0,
    ],
    ['{% asign x = y %}', 'tag-not-allowed', 'There is no tag "asign".', 'Did you mean "assign"?', 0],
  ])('%s', (source, code, message, remedy, offset) => {
    const compiled = slackTexts.compile(source, 'mrkdwn', { locals: { guest: 'Person' } });
    expect(compiled).toMatchObject({
      ok: false,
      error: { code, message, offset, ...(remedy && { remedy: expect.stringContaining(remedy) }) },
    });
  });

  test.each([
    '{{ event.payload.any.thing[0]["at all"] }}',
    '{% for p in event.assignees.current %}{{ p.name }}{{ forloop.index }}{% endfor %}',
    '{% assign x = event.topic %}{{ x }}',
    '{{ event.assignees.added.first.name }}{{ event.assignees.added.size }}{{ event.topic.size }}',
    '{{ guest.name }}{{ thing.any.thing }}',
    '{% raw %}{{ anything }}{% endraw %}',
  ])('takes %s', (source) => {
    expect(slackTexts.compile(source, 'mrkdwn', { locals: { guest: 'Person', thing: 'dyn' } })).toMatchObject({
      ok: true,
    });
  });

  test('says whether text has holes, and whether it lets data through', () => {
    expect(slackTexts.compile('<!here> }} %}', 'mrkdwn')).toMatchObject({
      ok: true,
      usesRaw: false,
      text: { constant: true },
    });
    const raw = '{% for x in event.assignees.added %}{% if x.id %}{{ x.name | raw | upcase }}{% endif %}{% endfor %}';
    expect(slackTexts.compile(raw, 'mrkdwn')).toMatchObject({ ok: true, usesRaw: true, text: { constant: false } });
    expect(slackTexts.compile('{% raw %}raw{% endraw %}{{ event.topic }}', 'mrkdwn')).toMatchObject({ usesRaw: false });
  });
});
