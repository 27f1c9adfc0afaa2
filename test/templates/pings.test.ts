import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { action, chatMessage, person } from '../../src/core/absent.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { EVENT_TYPES } from '../../src/language/event-types.ts';
import { type Text, TextError } from '../../src/language/text.ts';
import { compileTemplate } from '../../src/templates/load.ts';
import { type MessageTemplate, TemplateError } from '../../src/templates/template.ts';
import { slackTexts } from '../../src/templates/text.ts';
import { makeEvent } from '../helpers/events.ts';
import { KNOWN_USER, unsafeIn, unsafeMarkup } from '../helpers/markup.ts';

const context = {
  mention: (who: unknown) => {
    const written = JSON.stringify(who);
    return written.includes('evil@') ? 'U1> <!channel' : written.includes('maria@') ? KNOWN_USER : undefined;
  },
};

/** Whole, and in parts that two values put together. */
const HOSTILE = [
  ...['<!channel>', '<!here|x>', '<!everyone>', '<@U0EVIL>', '<#C024BE91L>', '<!subteam^S0EVIL>', '<!date^1^{date}|x>'],
  ...[
    '<javascript:alert(1)|x>',
    '<https://e.f|bank>',
    '<ftp://e.f>',
    '&lt;!channel&gt;',
    '&#60;!here&#62;',
    '%3C!here%3E',
  ],
  ...[
    '<',
    '>',
    '<!',
    '!channel',
    '!channel>',
    '<!chan',
    'nel>',
    '<@',
    'U0EVIL>',
    '|',
    '||',
    'javascript:',
    '&',
    '&lt;',
    '&lt',
  ],
  ...[
    '<\u200b!channel>',
    '\u202e<!here>',
    '\u2066>lennahc!<',
    '<!channel>\u0000',
    '<\u0000!here>',
    '<\ud800!here>',
    '＜!here＞',
  ],
  ...[
    '[a](<!here>)',
    '[x](javascript:a)',
    '[<!here>](https://e.f)',
    '<https://e.f|<!here>>',
    '![<@U0EVIL>](https://e.f/i.png)',
  ],
  ...['`<!here>`', '```\n<!here>', '|a|b|\n|-|-|\n|<!here>|[x](https://e.f)|', '<b><!here></b>', '<br />', '> <!here>'],
  ...[
    'PCFjaGFubmVsPg==',
    'https://e.f/<!here>|x>',
    'mailto:a@b.c',
    'evil@example.com',
    'maria@example.com',
    '@channel',
    '\n',
    ' ',
  ],
];

const hostile = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...HOSTILE), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const maybe = fc.option(hostile, { freq: 8 });
const people = fc.record({ id: maybe, name: maybe, email: maybe, kind: maybe }).map(person);
const list = fc.array(people, { minLength: 1, maxLength: 3 });
const values = fc.oneof(
  hostile,
  fc.array(hostile, { minLength: 1, maxLength: 3 }),
  fc.record({ a: hostile, url: hostile, name: hostile }),
);

const events: fc.Arbitrary<RelayEvent> = fc.record({
  id: hostile,
  source: hostile,
  topic: hostile,
  occurred_at: maybe,
  received_at: hostile,
  subject: maybe,
  actor: people,
  action: fc
    .record({
      id: maybe,
      title: maybe,
      description: maybe,
      status: maybe,
      priority: maybe,
      type: maybe,
      team: maybe,
      due_at: maybe,
      url: maybe,
    })
    .map(action),
  assignees: fc.record({ current: list, added: list, removed: list }),
  message: fc.tuple(maybe, people).map(([text, author]) => chatMessage(text, author)),
  payload: fc.dictionary(fc.oneof(fc.constantFrom('x', 'y', 'data', 'type', 'url'), hostile), values, {
    noNullPrototype: true,
  }),
});

/** Every path that an event's declared type has; of a list, itself and its first item. */
function keysOf(type: string, path: string): string[] {
  const item = /^list<(.+)>$/.exec(type)?.[1];
  if (item !== undefined) return [path, ...keysOf(item, `${path}[0]`)];
  return [path, ...Object.entries(EVENT_TYPES[type] ?? {}).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`))];
}

const KEYS = [
  ...keysOf('Event', 'event').slice(1),
  'event.payload.x',
  'event.payload.y',
  'event.payload.x[0]',
  'event.payload.url',
];
/** `raw` is the way out, and `check` reports it. */
const FILTERS = Object.keys(slackTexts.engine('mrkdwn').filters).filter((name) => name !== 'raw');

const keys = fc.constantFrom(...KEYS);
const literals = fc.constantFrom(
  '"<"',
  '">"',
  '"!"',
  '"a"',
  '""',
  '", "',
  '"%Y<"',
  '"https://e.f/?q="',
  '"e"',
  '2',
  '-3',
);
const filters = fc
  .tuple(fc.constantFrom(...FILTERS), fc.array(fc.oneof(keys, literals), { maxLength: 2 }))
  .map(([name, args]) => `${name}${args.length === 0 ? '' : `: ${args.join(', ')}`}`);

/** `names`: what it may read beside the event. */
function output(...names: readonly string[]): fc.Arbitrary<string> {
  const read = names.length === 0 ? keys : fc.oneof(keys, fc.constantFrom(...names));
  return fc.tuple(read, fc.array(filters, { maxLength: 3 })).map(([value, chain]) => [value, ...chain].join(' | '));
}

const placeholders = (...names: readonly string[]) => output(...names).map((it) => `{{ ${it} }}`);
const texts = (...names: readonly string[]) =>
  fc.oneof(
    { weight: 3, arbitrary: placeholders(...names) },
    fc.tuple(placeholders(...names), placeholders(...names)).map((both) => both.join('')),
    fc
      .tuple(placeholders(...names), placeholders(...names))
      .map(([a, b]) => `{% capture c %}${a}${b}{% endcapture %}{{ c }}{{ c | upcase }}{{ c | split: "" }}`),
    fc
      .tuple(output(...names), output())
      .map(([a, b]) => `{% assign c = ${a} %}{{ c | append: event.payload.y }}{% echo ${b} %}`),
    fc
      .tuple(keys, placeholders('i'))
      .map(([key, placeholder]) => `{% for i in ${key} %}${placeholder}{% cycle i, event.payload.x %}{% endfor %}`),
  );

const templates = fc
  .record({
    text: texts(),
    summary: texts(),
    mrkdwn: texts(),
    plain: texts(),
    url: texts(),
    own: texts('p', 'p.name', 'p.email'),
  })
  .map(({ text, summary, mrkdwn, plain, url, own }) =>
    JSON.stringify({
      text,
      summary,
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: mrkdwn }, fields: [{ type: 'plain_text', text: plain }] },
        { type: 'header', text: { type: 'plain_text', text: plain } },
        { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open' }, url }] },
        { each: 'p in event.assignees.current', type: 'context', elements: [{ type: 'mrkdwn', text: own }] },
        { type: 'image', alt_text: plain, image_url: url },
        { type: 'markdown', text: mrkdwn },
      ],
    }),
  );

/** Null where a filter cannot take its input: such a message is not sent. */
function rendered(template: MessageTemplate, event: RelayEvent) {
  try {
    return template.render(event, context);
  } catch (error) {
    if (error instanceof TemplateError) return null;
    throw error;
  }
}

function channelOf(text: Text, event: RelayEvent): string {
  try {
    return text.render({ event }, context);
  } catch (error) {
    if (error instanceof TextError) return '';
    throw error;
  }
}

describe('no payload pings, and none makes a link of another scheme', () => {
  test('through any filter, of any key, in any place', () => {
    let sent = 0;
    fc.assert(
      fc.property(templates, fc.array(events, { minLength: 4, maxLength: 4 }), (yaml, some) => {
        const { template, problems } = compileTemplate(yaml, 't.yaml');
        expect(problems).toEqual([]);
        for (const event of some) {
          const message = template && rendered(template, event);
          if (message === null) continue;
          sent++;
          expect(unsafeMarkup(message)).toEqual([]);
        }
      }),
      { numRuns: 300, seed: 13 },
    );
    expect(sent).toBeGreaterThan(300);
  });

  test('each filter alone, of each hostile value', () => {
    for (const name of FILTERS) {
      for (const args of ['', ': event.payload.y', ': event.payload.y, event.payload.x']) {
        const { template } = compileTemplate(
          JSON.stringify({ text: `{{ event.payload.x | ${name}${args} }}` }),
          't.yaml',
        );
        for (const x of HOSTILE) {
          const event = makeEvent({ payload: { x, y: '<!here>' } });
          const message = template && rendered(template, event);
          expect([name, x, message === null ? [] : unsafeMarkup(message)]).toEqual([name, x, []]);
        }
      }
    }
  });

  test('in a channel’s name', () => {
    fc.assert(
      fc.property(texts(), events, (source, event) => {
        const compiled = slackTexts.compile(`#${source}`, 'name');
        if (!compiled.ok) throw new Error(compiled.error.message);
        expect(channelOf(compiled.text, event)).toMatch(/^#?[^<>&|!@:#\s]*$/);
      }),
      { numRuns: 300, seed: 13 },
    );
  });
});

test.each(['<!channel>', '<@U0EVIL>', '<#C1|x>', '<javascript:a|b>', 'a < b', '<!here'])(
  '%s would be found',
  (text) => {
    expect(unsafeIn(`x ${text}`)).not.toEqual([]);
  },
);
