import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut } from '../../src/slack-format/cut.ts';
import { fitBlocks } from '../../src/templates/fit.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (text: string) => ({ type: 'section', text: mrkdwn(text) });

describe('cutting text', () => {
  test.each([
    ['fits', 4, 'mrkdwn', 'fits'],
    ['too long', 4, 'mrkdwn', 'too…'],
    ['ends in space here', 9, 'plain', 'ends in…'],
    ['ab😀cd', 4, 'plain', 'ab…'],
    ['ab😀cd', 5, 'plain', 'ab😀…'],
    ['a &amp; b', 5, 'mrkdwn', 'a…'],
    ['a &amp; b', 8, 'mrkdwn', 'a &amp;…'],
    ['a &amp; b', 5, 'plain', 'a &a…'],
    ['hi <@U024BE7LH> there', 10, 'mrkdwn', 'hi…'],
    ['hi <@U024BE7LH> there', 17, 'mrkdwn', 'hi <@U024BE7LH>…'],
    ['<https://example.com|text>', 10, 'mrkdwn', 'text'],
    ['<https://example.com>', 10, 'mrkdwn', '…'],
    ['hi <@U024BE7LH|x> there', 10, 'mrkdwn', 'hi x there'],
    ['see <https://e.f/a|this page> now', 26, 'mrkdwn', 'see this page now'],
    ['see <https://e.f/a|this page> now', 16, 'mrkdwn', 'see this page n…'],
    ['see <https://e.f/a|a &amp; b> now', 8, 'mrkdwn', 'see a…'],
    ['<!date^1700000000^{date}|Nov 14> is it', 20, 'mrkdwn', 'Nov 14 is it'],
    ['a < b and a long text', 12, 'mrkdwn', 'a < b and a…'],
    ['```\nabcdefghijkl\n```', 14, 'mrkdwn', '```\nabcde…\n```'],
    ['```\na\n``` and after', 13, 'mrkdwn', '```\na\n``` an…'],
    ['abcd\n```\nefgh\n```', 12, 'mrkdwn', 'abcd…'],
    ['abcd\n```\nefgh\n```', 7, 'mrkdwn', 'abcd…'],
    ['anything', 0, 'plain', ''],
    ['anything', 1, 'plain', '…'],
  ] as const)('%j to %i as %s', (text, max, markup, expected) => {
    expect(cut(text, max, markup)).toBe(expected);
    expect(cut(text, max, markup).length).toBeLessThanOrEqual(Math.max(max, 0));
  });
});

test('a link that takes too much of the room becomes its text, and nothing else is lost', () => {
  const long = `<https://e.f/${'x'.repeat(3000)}|Title &amp; all>`;
  const rest = ' <https://e.f/|b> '.repeat(20).trim();
  expect(cut(`*${long}* ${rest}`, 3000, 'mrkdwn')).toBe(`*Title &amp; all* ${rest}`);
  const half = `<https://e.f/${'x'.repeat(1400)}|half>`;
  const more = `<https://e.f/${'x'.repeat(1500)}|more>`;
  expect(cut(`${half} ${more} ${rest}`, 3000, 'mrkdwn')).toBe(`${half} more ${rest}`);
});

const LINK = /<(?:https:\/\/e\.f\/x*|@U1|!date\^1\^\{date\})(?:\|[^<>]*)?>/g;

test('whatever is cut, nothing is halved', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '&amp;',
      '&lt;',
      '<@U1>',
      '<https://e.f/>',
      '😀',
      '\n```\ncode\n```\n',
      '`',
      ' ',
      '<!date^1^{date}|d &amp; e>',
    ),
    fc.integer({ min: 1, max: 80 }).map((length) => `<https://e.f/${'x'.repeat(length)}|a &lt; b>`),
    fc.stringMatching(/^[a-z ]{1,20}$/),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), fc.integer({ min: 0, max: 200 }), (parts, max) => {
      const text = parts.join('').replaceAll(/`{4,}/g, '`');
      const kept = cut(text, max, 'mrkdwn');
      expect(kept.length).toBeLessThanOrEqual(max);
      expect(kept.isWellFormed()).toBe(true);
      expect(kept.replaceAll(LINK, '').replaceAll(/&(?:amp|lt);/g, '')).not.toMatch(/[<>&]/);
      if (text.split('```').length % 2 === 1) expect(kept.split('```').length % 2).toBe(1);
      if (text.replaceAll(LINK, '').length === text.length && max > 0 && text.length > max)
        expect(kept).toMatch(/…(\n```)?$/);
    }),
    { numRuns: 2_000 },
  );
});

test('a link of rich text that leads nowhere, or too far, keeps its text', () => {
  const link = (url: string) => ({ type: 'link', url, text: 'a', style: { bold: true } });
  const elements = [link('https://e.f/'), link(''), link(`https://e.f/${'x'.repeat(3000)}`)];
  const [block] = fitBlocks([{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }]);
  const text = { type: 'text', text: 'a', style: { bold: true } };
  expect(block).toEqual({
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [link('https://e.f/'), text, text] }],
  });
});

describe('fitting blocks', () => {
  test('what is empty goes, and what holds only that', () => {
    const blocks = [
      { type: 'header', text: plain(' \n') },
      section(''),
      { type: 'section', fields: [mrkdwn(''), mrkdwn(' ')] },
      { type: 'section', text: mrkdwn(''), fields: [mrkdwn('a'), mrkdwn('')] },
      { type: 'context', elements: [mrkdwn(''), { type: 'image', alt_text: 'x' }] },
      { type: 'actions', elements: [{ type: 'button', text: plain(''), url: 'https://a.b' }] },
      { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: '' }] }] },
      { type: 'image', image_url: 'https://a.b/c.png', alt_text: 'c', title: plain('') },
      { type: 'divider' },
      undefined,
    ];
    expect(fitBlocks(blocks)).toEqual([
      { type: 'section', fields: [mrkdwn('a')] },
      { type: 'image', image_url: 'https://a.b/c.png', alt_text: 'c' },
      { type: 'divider' },
    ]);
  });

  test('what is too long is cut where Slack says, headers and buttons on one line', () => {
    const long = 'x'.repeat(5000);
    const [header, text, context, actions] = fitBlocks([
      { type: 'header', text: plain(`a\nb ${long}`) },
      { type: 'section', block_id: long, text: mrkdwn(long), fields: [mrkdwn(long)] },
      { type: 'context', elements: Array.from({ length: 12 }, (_, index) => mrkdwn(`${index}`)) },
      {
        type: 'actions',
        elements: [
          { type: 'button', text: plain(`Go\n${long}`), value: long, action_id: long },
          { type: 'button', text: plain('No'), url: `https://a.b/${long}` },
        ],
      },
    ]);
    expect(header).toEqual({ type: 'header', text: plain(`a b ${'x'.repeat(145)}…`) });
    expect(text).toEqual({
      type: 'section',
      block_id: `${'x'.repeat(254)}…`,
      text: mrkdwn(`${'x'.repeat(2999)}…`),
      fields: [mrkdwn(`${'x'.repeat(1999)}…`)],
    });
    expect(context).toMatchObject({ elements: { length: 10 } });
    expect(actions).toEqual({
      type: 'actions',
      elements: [
        {
          type: 'button',
          text: plain(`Go ${'x'.repeat(71)}…`),
          value: `${'x'.repeat(1999)}…`,
          action_id: `${'x'.repeat(254)}…`,
        },
      ],
    });
  });

  test.each([
    [50, 0, 50, null],
    [51, 0, 50, '… 2 more blocks were left out'],
    [60, 5, 50, '… 16 more blocks were left out'],
    [50, 1, 50, '… 2 more blocks were left out'],
    [3, 1, 4, '… 1 more block was left out'],
  ])('%i blocks and %i skipped make %i', (count, skipped, expected, notice) => {
    const blocks = fitBlocks(
      Array.from({ length: count }, () => section('a')),
      skipped,
    );
    expect(blocks).toHaveLength(expected);
    expect(blocks.at(-1)).toEqual(notice === null ? section('a') : { type: 'context', elements: [plain(notice)] });
  });

  test('all text together stays within what Slack takes, and says what is missing', () => {
    const blocks = fitBlocks(Array.from({ length: 6 }, () => section('x'.repeat(3000))));
    const total = JSON.stringify(blocks)
      .match(/"text":"[^"]*"/g)
      ?.reduce((sum, text) => sum + text.length - 9, 0);
    expect(total).toBeLessThanOrEqual(9000);
    expect(blocks).toHaveLength(4);
    expect(blocks.at(-1)).toEqual({ type: 'context', elements: [plain('… 3 more blocks were left out')] });
  });

  test('cells of a table keep their places', () => {
    const cell = (text: string) => ({ type: 'raw_text', text });
    expect(
      fitBlocks([
        {
          type: 'table',
          rows: [
            [cell('a'), cell('')],
            [cell(''), cell('b')],
          ],
        },
      ]),
    ).toEqual([
      {
        type: 'table',
        rows: [
          [cell('a'), cell(' ')],
          [cell(' '), cell('b')],
        ],
      },
    ]);
  });
});
