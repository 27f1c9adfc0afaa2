import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type TextContext, TextError } from '../../src/language/text.ts';
import { slackTexts, type TextPlace } from '../../src/templates/text.ts';
import { makeEvent } from '../helpers/events.ts';

const context: TextContext = {
  mention(who) {
    const name = typeof who === 'string' ? who : who.email;
    return name === 'maria@example.com' ? 'U024BE7LH' : name === 'evil@example.com' ? 'U1> <!channel' : undefined;
  },
};

function render(source: string, payload: unknown, place: TextPlace = 'mrkdwn'): string {
  const compiled = slackTexts.compile(source, place);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.text.render({ event: makeEvent({ payload }) }, context);
}

const data = (value: unknown, place: TextPlace = 'mrkdwn') =>
  render('[{{ event.payload.x }}]', { x: value }, place).slice(1, -1);

describe('escaping by place', () => {
  test.each([
    ['<!channel>', '&lt;!channel&gt;', '<!channel>'],
    ['<@U1>', '&lt;@U1&gt;', '<@U1>'],
    ['&lt;', '&amp;lt;', '&lt;'],
    ['a & b', 'a &amp; b', 'a & b'],
    [`"it's"`, `"it's"`, `"it's"`],
    ['one\ntwo', 'one\ntwo', 'one\ntwo'],
    ['a|b *c* _d_', 'a|b *c* _d_', 'a|b *c* _d_'],
    ['a\u0000b\u001b\u0007c\r\n', 'abc\n', 'abc\n'],
    ['\ud83d', '\ufffd', '\ufffd'],
  ])('%j', (value, mrkdwn, plain) => {
    expect(data(value)).toBe(mrkdwn);
    expect(data(value, 'plain_text')).toBe(plain);
  });

  test.each([
    ['https://example.com/a?b=c&d=e#f', 'https://example.com/a?b=c&d=e#f'],
    ['https://example.com/a|b>c<d"e f', 'https://example.com/a%7Cb%3Ec%3Cd%22e%20f'],
    ['mailto:a@example.com', 'mailto:a@example.com'],
    ['HTTP://EXAMPLE.com/é', 'http://example.com/%C3%A9'],
    ['javascript:alert(1)', ''],
    ['data:text/html,x', ''],
    ['//example.com', ''],
    ['http://', ''],
    ['nonsense', ''],
    [null, ''],
  ])('url %j', (value, expected) => {
    expect(render('{{ event.payload.x }}', { x: value }, 'url')).toBe(expected);
  });

  test.each([
    ['Facilities & Co', 'facilities-co'],
    ['#Ops<!channel>', 'ops-channel'],
    ['Événements 2026', 'evenements-2026'],
    ['a_b.c', 'a_b-c'],
    ['C024BE91L', 'c024be91l'],
  ])('name %j', (value, expected) => {
    expect(render('#team-{{ event.payload.x }}', { x: value }, 'name')).toBe(`#team-${expected}`);
  });

  test.each([
    ['{{ event.payload.x }}', 'C024BE91L', 'C024BE91L'],
    ['#{{ event.payload.x }}', ' G024BE91L ', 'G024BE91L'],
    ['{{ event.payload.x | upcase }}', 'd024be91l', 'D024BE91L'],
    ['{{ event.payload.x | slug }}', 'C024BE91L', 'c024be91l'],
    ['#{{ event.payload.x }}', 'CUSTOMERS', '#customers'],
    ['#{{ event.payload.x }}', 'C024BE91L <!channel>', '#c024be91l-channel'],
    ['#Team-{{ event.payload.x }}', 'IT', '#team-it'],
  ])('channel %j of %j', (source, value, expected) => {
    expect(render(source, { x: value }, 'name')).toBe(expected);
  });

  test.each([
    [null, ''],
    [undefined, ''],
    [true, 'true'],
    [1.5, '1.5'],
    [['a', null, '<b>', 2], 'a, &lt;b&gt;, 2'],
    [{ a: '<b>' }, '{"a":"&lt;b&gt;"}'],
    [{ id: 'u1', name: 'Maria', email: 'm@x.y', kind: null }, 'Maria'],
    [{ id: 'u1', name: null, email: null, kind: 'user' }, 'u1'],
    [[], ''],
  ])('value %j', (value, expected) => {
    expect(data(value)).toBe(expected);
  });

  test('what the payload lacks renders as nothing, at any depth', () => {
    expect(render('[{{ event.payload.a.b[3].c }}{{ event.actor.name }}]', 'text')).toBe('[]');
    expect(render('[{{ event.payload.__proto__ }}{{ event.payload.constructor.name }}]', {})).toBe('[]');
  });

  test('what was captured is not escaped twice; what is assigned is escaped on its way out', () => {
    expect(render('{% capture x %}{{ event.payload.a }}{% endcapture %}{{ x }}', { a: 'R&D' })).toBe('R&amp;D');
    expect(render('{% capture x %}{{ event.payload.a }}{% endcapture %}{{ x | upcase }}', { a: '<b>' })).toBe(
      '&lt;B&gt;',
    );
    expect(render('{% assign x = event.payload.a %}{{ x }}{% echo x %}{% cycle x, "" %}', { a: '<' })).toBe(
      '&lt;&lt;&lt;',
    );
  });

  test('no filter lets an angle bracket of the data through', () => {
    const filters = [
      'mrkdwn',
      'mention',
      'link: event.payload.x',
      "link: 'https://x.y'",
      'slack_date',
      'truncate_chars: 9',
      'upcase',
    ];
    const pieces = fc.constantFrom(
      '<',
      '>',
      '!channel',
      '@U1',
      '|',
      '[a](',
      ')',
      'https://x.y',
      '*',
      '_',
      '`',
      '\n',
      '&',
      'ab ',
      '> ',
      '# ',
    );
    const chains = fc.uniqueArray(fc.constantFrom(...filters), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), chains, (parts, chain) => {
        const out = render(`{{ event.payload.x | ${chain.join(' | ')} }}`, { x: parts.join('') });
        expect(out.replaceAll(/<(?:https?:\/\/|mailto:)[^<>|\s]*(?:\|[^<>|]*)?>/g, '')).not.toMatch(/<|^[^\n>].*>/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('filters', () => {
  const maria = { id: 'u1', name: 'Maria', email: 'maria@example.com', kind: 'user' };
  const jonas = { id: 'u2', name: 'Jo <b>', email: null, kind: null };
  test.each([
    ['x | mention', { x: maria }, '<@U024BE7LH>', 'Maria'],
    ['x | mention', { x: jonas }, 'Jo &lt;b&gt;', 'Jo <b>'],
    ['x | mention', { x: [maria, jonas] }, '<@U024BE7LH>, Jo &lt;b&gt;', 'Maria, Jo <b>'],
    ['x | mention', { x: 'maria@example.com' }, '<@U024BE7LH>', 'maria@example.com'],
    ['x | mention', { x: 'evil@example.com' }, 'evil@example.com', 'evil@example.com'],
    ['x | mention | default: "Nobody"', { x: null }, 'Nobody', 'Nobody'],
    ['x | mention | default: "Nobody"', { x: maria }, '<@U024BE7LH>', 'Maria'],
    ['x | mention | append: "!"', { x: maria }, 'Maria!', 'Maria!'],
    [
      'x | link: "https://a.b/?c=1&d"',
      { x: 'a|b > c\nd' },
      '<https://a.b/?c=1&amp;d|a¦b &gt; c d>',
      'a|b > c\nd (https://a.b/?c=1&d)',
    ],
    ['"Open" | link: x', { x: 'https://a.b/c|d>e' }, '<https://a.b/c%7Cd%3Ee|Open>', 'Open (https://a.b/c%7Cd%3Ee)'],
    ['"Open" | link: x', { x: 'javascript:1' }, 'Open', 'Open'],
    ['"<i>" | link: x', {}, '&lt;i&gt;', '<i>'],
    ['x | link: "https://a.b/c"', { x: '' }, '<https://a.b/c>', 'https://a.b/c'],
    [
      'x | slack_date',
      { x: '2026-03-02T11:00:00Z' },
      '<!date^1772449200^{date_short_pretty} at {time}|Mar 2, 2026, 11:00 UTC>',
      'Mar 2, 2026, 11:00 UTC',
    ],
    [
      'x | slack_date',
      { x: '2026-03-02T12:00:00+0100' },
      '<!date^1772449200^{date_short_pretty} at {time}|Mar 2, 2026, 11:00 UTC>',
      'Mar 2, 2026, 11:00 UTC',
    ],
    [
      'x | slack_date',
      { x: '2026-03-02 11:00' },
      '<!date^1772449200^{date_short_pretty} at {time}|Mar 2, 2026, 11:00 UTC>',
      'Mar 2, 2026, 11:00 UTC',
    ],
    [
      'x | slack_date',
      { x: 1772449200 },
      '<!date^1772449200^{date_short_pretty} at {time}|Mar 2, 2026, 11:00 UTC>',
      'Mar 2, 2026, 11:00 UTC',
    ],
    [
      'x | slack_date',
      { x: 1772449200123 },
      '<!date^1772449200^{date_short_pretty} at {time}|Mar 2, 2026, 11:00 UTC>',
      'Mar 2, 2026, 11:00 UTC',
    ],
    ['x | slack_date', { x: '2026-03-02' }, 'Mar 2, 2026', 'Mar 2, 2026'],
    ['x | slack_date', { x: 'soon <now>' }, 'soon &lt;now&gt;', 'soon <now>'],
    ['x | slack_date', { x: '2026-13-45T99:00:00Z' }, '2026-13-45T99:00:00Z', '2026-13-45T99:00:00Z'],
    ['x | slack_date', { x: '2026-02-30' }, '2026-02-30', '2026-02-30'],
    ['x | slack_date', { x: '0001-01-01T00:00:00Z' }, '', ''],
    [
      'x | slack_date',
      { x: 1772449200123456789n },
      '<!date^1772449200^{date_short_pretty} at {time}|Mar 2, 2026, 11:00 UTC>',
      'Mar 2, 2026, 11:00 UTC',
    ],
    ['x | slack_date', { x: null }, '', ''],
    ['x | date: "%Y-%m-%d"', { x: 1772449200 }, '2026-03-02', '2026-03-02'],
    ['x | date: "%Y-%m-%d"', { x: 1772449200123 }, '2026-03-02', '2026-03-02'],
    ['x | date: "%Y-%m-%d"', { x: 1772449200123456789n }, '2026-03-02', '2026-03-02'],
    ['x | date: "%Y-%m-%d"', { x: '2026-03-02T23:30:00-01:00' }, '2026-03-03', '2026-03-03'],
    ['x | date: "%Y-%m-%d"', { x: '2026-02-30' }, '2026-02-30', '2026-02-30'],
    ['x | date: "%Y-%m-%d"', { x: '0001-01-01T00:00:00Z' }, '', ''],
    ['x | date: "%Y-%m-%d"', { x: 'soon' }, 'soon', 'soon'],
    ['x | date_to_xmlschema', { x: 1e300 }, '1e+300', '1e+300'],
    ['x | slug', { x: 'Ärzte & Co.' }, 'arzte-co', 'arzte-co'],
    ['x | truncate_chars: 3', { x: 'a👨‍👩‍👧‍👦b👍🏽c' }, 'a👨‍👩‍👧‍👦…', 'a👨‍👩‍👧‍👦…'],
    ['x | truncate_chars: 3', { x: '👍🏽👍🏽👍🏽' }, '👍🏽👍🏽👍🏽', '👍🏽👍🏽👍🏽'],
    ['x | truncate_chars: 4', { x: 'a & b' }, 'a &amp;…', 'a &…'],
    ['x | raw', { x: '<!here>' }, '<!here>', '<!here>'],
    ['x | date: "%Y"', { x: '2026-03-02T23:30:00Z' }, '2026', '2026'],
  ])('{{ %s }} of %o', (expression, payload, mrkdwn, plain) => {
    const source = `{{ ${expression.replaceAll(/\bx\b/g, 'event.payload.x')} }}`;
    expect(render(source, payload)).toBe(mrkdwn);
    expect(render(source, payload, 'plain_text')).toBe(plain);
  });
});

test.each([
  [
    'memory',
    '{% assign x = event.payload.x %}{% for i in (1..99) %}{% assign x = x | append: x %}{% endfor %}',
    { x: 'a'.repeat(40_000) },
  ],
  ['work, before a list is made', '{% for i in (1..100000000) %}{{ i }}{% endfor %}', {}],
  ['work', '{% for i in (1..2000) %}{% for j in (1..2000) %}{{ i }}{% endfor %}{% endfor %}', {}],
  ['a filter that cannot', '{{ event.payload.x | url_decode }}', { x: '%secret' }],
])('a render beyond %s fails, without the data in its message', (_, source, payload) => {
  expect(() => render(source, payload)).toThrow(TextError);
  expect(() => render(source, payload)).not.toThrow(/secret/);
});

describe('integers that only a bigint holds', () => {
  const id = 1524831183200260097n;

  test.each([
    ['{{ event.payload.x }}', '1524831183200260097'],
    ['{{ event.payload | json }}', '{"x":1524831183200260097,"list":[1524831183200260097]}'],
    ['{{ event.payload }}', '{"x":1524831183200260097,"list":[1524831183200260097]}'],
    ['{{ event.payload.list }}', '1524831183200260097'],
    ['{{ event.payload.x | plus: 1 }}', '1524831183200260098'],
    ['{{ 1 | minus: event.payload.x }}', '-1524831183200260096'],
    ['{{ event.payload.x | times: 10 }}', '15248311832002600970'],
    ['{{ event.payload.x | floor }} {{ event.payload.x | round }}', '1524831183200260097 1524831183200260097'],
    ['{{ event.payload.x | append: "!" }}', '1524831183200260097!'],
    ['{{ event.payload.x | mention }}', '1524831183200260097'],
    ['{% if event.payload.x > 5 %}more{% endif %}', 'more'],
    ['{% if event.payload.x == event.payload.list[0] %}same{% endif %}', 'same'],
  ])('%s', (source, expected) => {
    expect(render(source, { x: id, list: [id] })).toBe(expected);
  });

  test.each([
    [
      '{{ event.payload.x | modulo: 7 }} {{ event.payload.minus | modulo: 7 }} {{ 5 | modulo: event.payload.x }}',
      '1 6 5',
    ],
    ['{{ event.payload.minus | abs }} {{ event.payload.x | abs }}', `${id} ${id}`],
    ['{{ event.payload.x | at_least: 5 }} {{ 5 | at_least: event.payload.x }}', `${id} ${id}`],
    ['{{ event.payload.x | at_most: event.payload.next }} {{ event.payload.x | at_most: 5 }}', `${id} 5`],
    ['{{ event.payload.list | sum }} {{ event.payload.items | sum: "k" }}', '3049662366400520195 1524831183200260099'],
    ['{{ event.payload.safe | sum }} {{ event.payload.safe | sum | minus: 1 }}', '9007199254740993 9007199254740992'],
    ['{{ event.payload.fractions | sum }}', '1.75'],
    ['{{ event.payload.x | divided_by: 1 }} {{ event.payload.x | divided_by: 7 }}', `${id} 217833026171465728`],
    ['{{ event.payload.minus | divided_by: 7 }}', '-217833026171465729'],
    ['{{ event.payload.x | divided_by: event.payload.x }}', '1'],
    ['{{ event.payload.x | divided_by: 1000000000000000000 }}', '1.5248311832002601'],
    ['{{ event.payload.x | divided_by: 1000000000000000000, true }}', '1'],
    ['{{ event.payload.x | divided_by: 0 }} {{ event.payload.x | modulo: 0 }}', 'Infinity NaN'],
    ['{{ event.payload.x | plus: "1" }} {{ event.payload.x | plus: event.payload.none }}', `${id + 1n} ${id}`],
    ['{{ 9007199254740991 | plus: 2 }} {{ 3000000001 | times: 3000000001 }}', '9007199254740993 9000000006000000001'],
    ['{% assign d = event.payload.next | minus: event.payload.x %}{% if d == 1 %}one{% endif %}', 'one'],
    [
      '{% assign y = event.payload.x %}{% for i in (1..30) %}{% assign y = y | times: y %}{% endfor %}{{ y }}',
      'Infinity',
    ],
    ['{% for i in event.payload.list limit: event.payload.x %}{{ i }}{% endfor %}', `${id}${id + 1n}`],
    ['{% for i in event.payload.list offset: event.payload.x %}{{ i }}{% else %}none{% endfor %}', ''],
    ['{% for i in event.payload.list limit: 1 %}{{ i }}{% endfor %}', `${id}`],
  ])('are computed with exactly: %s', (source, expected) => {
    const items = [{ k: id }, { k: 2 }, {}];
    const safe = [Number.MAX_SAFE_INTEGER, 2];
    const payload = { x: id, next: id + 1n, minus: -id, list: [id, id + 1n], items, safe, fractions: [1, 0.5, '0.25'] };
    expect(render(source, payload)).toBe(expected);
  });

  test.each([
    ['{% if event.payload.x == 1524831183200260097 %}same{% endif %}', 'same'],
    ['{% if event.payload.x == 1524831183200260098 %}same{% endif %}', ''],
    ['{% unless event.payload.x != 1524831183200260097 %}same{% endunless %}', 'same'],
    ['{% if 5 == 6 %}{% elsif event.payload.x < 1524831183200260098 %}less{% endif %}', 'less'],
    [
      '{% case event.payload.x %}{% when 1524831183200260098 %}next{% when 5, 1524831183200260097 %}same{% endcase %}',
      'same',
    ],
    ['{% assign k = 1524831183200260097 %}{{ k }}', `${id}`],
    ['{{ 1524831183200260097 }} {{ -1524831183200260097 }} {{ +001524831183200260097 }}', `${id} -${id} ${id}`],
    ['{{ event.payload.x | plus: 1524831183200260097 }}', '3049662366400520194'],
    ['{{ event.payload.x | default: "", allow_false: 1524831183200260097 }}', `${id}`],
    ['{{ event.payload.keys[1524831183200260097] }}', 'found'],
    ['{% for i in event.payload.list limit: 1524831183200260097 %}{{ i }}{% endfor %}', `${id}`],
    ['{% for i in (1..2) %}{% cycle 1524831183200260097, 1524831183200260099 %},{% endfor %}', `${id},${id + 2n},`],
    ['{% if event.payload.list contains 1524831183200260097 %}in{% endif %}', 'in'],
    ['{{ event.payload.items | where: "k", 1524831183200260097 | size }}', '1'],
    ['{% assign n = 1524831183200260097 %}{{ event.payload.items | where_exp: "one", "one.k == n" | size }}', '1'],
    ['{{ 1524831183200260097.5 }} {{ 9007199254740991 }}', '1524831183200260000 9007199254740991'],
    [`{% if event.payload.long == ${'1'.repeat(41)} %}same{% endif %}`, 'same'],
  ])('written in the template, keep their digits: %s', (source, expected) => {
    const items = [{ k: id }, { k: id + 1n }];
    const payload = { x: id, list: [id], items, keys: { [String(id)]: 'found' }, long: '1'.repeat(41) };
    expect(render(source, payload)).toBe(expected);
  });

  test('within quotes that a filter reads as Liquid, are refused with a remedy', () => {
    const source = '{{ event.payload.x | where_exp: "one", "one.k == 1524831183200260097" }}';
    expect(slackTexts.compile(source, 'mrkdwn')).toMatchObject({
      ok: false,
      error: { code: 'text-syntax', offset: source.indexOf('"one.k'), remedy: expect.stringContaining('assign id') },
    });
    expect(slackTexts.compile('{{ event.payload.x | append: "1524831183200260097" }}', 'mrkdwn').ok).toBe(true);
  });

  test('as the bound of a range, end the rendering with a reason', () => {
    const source = '{% for i in (1..event.payload.x) limit: 2 %}{{ i }}{% endfor %}';
    expect(() => render(source, { x: id })).toThrow('a number beyond 2^53 cannot be used here');
  });

  test('every filter takes them, in every place', () => {
    for (const name of Object.keys(slackTexts.engine('mrkdwn').filters)) {
      for (const [value, ...more] of [['x'], ['x', 'x'], ['list'], ['five', 'x'], ['text', 'x', 'x']] as const) {
        const given = more.length === 0 ? '' : `: ${more.map((one) => `event.payload.${one}`).join(', ')}`;
        const source = `{{ event.payload.${value} | ${name}${given} }}`;
        const payload = (big: unknown) => ({ x: big, list: [big], five: 5, text: 'a b' });
        // What fails for a number may fail here.
        if (attempt(source, payload(Number(id))) === null) continue;
        expect([source, attempt(source, payload(id))]).not.toContain(null);
      }
    }
  });

  function attempt(source: string, payload: unknown): string | null {
    try {
      return render(source, payload);
    } catch {
      return null;
    }
  }
});
