import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mrkdwnOf, plainOf } from '../../src/slack-format/markdown.ts';

const ZERO = '\u200b';

describe('inline', () => {
  test.each([
    ['**bold** and *italic* and ~~gone~~', '*bold* and _italic_ and ~gone~', 'bold and italic and gone'],
    ['__bold__ _italic_ ***both***', '*bold* _italic_ _*both*_', 'bold italic both'],
    ['**a *b* c** **a __b__ c**', '*a _b_ c* *a b c*', 'a b c a b c'],
    ['foo**bar**baz', `foo${ZERO}*bar*${ZERO}baz`, 'foobarbaz'],
    ['snake_case_name a * b', 'snake_case_name a * b', 'snake_case_name a * b'],
    ['\\*literal\\* \\_x\\_ \\# \\<', `*${ZERO}literal*${ZERO} _${ZERO}x_${ZERO} # &lt;`, '*literal* _x_ # <'],
    ['**over\nlines**', '*over*\n*lines*', 'over\nlines'],
    ['`**a** <b>` ``x`y`` a ``` b', `\`**a** &lt;b&gt;\` x\`y a \`${ZERO}\`\` b`, '**a** <b> x`y a ``` b'],
    [
      '<!channel> <@U1> &lt;!here&gt; &copy;',
      '&lt;!channel&gt; &lt;@U1&gt; &lt;!here&gt; ©',
      '<!channel> <@U1> <!here> ©',
    ],
    ['<b>a</b>', '&lt;b&gt;a&lt;/b&gt;', '<b>a</b>'],
  ])('%j', (markdown, mrkdwn, plain) => {
    expect(mrkdwnOf(markdown)).toBe(mrkdwn);
    expect(plainOf(markdown)).toBe(plain);
  });
});

describe('links', () => {
  test.each([
    ['[a <b>](https://x.y/?a&b)', '<https://x.y/?a&amp;b|a &lt;b&gt;>', 'a <b> (https://x.y/?a&b)'],
    ['[a](https://e.f/x_(y))', '<https://e.f/x_(y)|a>', 'a (https://e.f/x_(y))'],
    ['[a](https://e.f/ "title")', '<https://e.f/|a>', 'a (https://e.f/)'],
    [
      'https://e.f/a__b__c [x](https://e.f/a__b__c)',
      'https://e.f/a__b__c <https://e.f/a__b__c|x>',
      'https://e.f/a__b__c x (https://e.f/a__b__c)',
    ],
    ['[**b**](https://e.f/)', '*<https://e.f/|b>*', 'b (https://e.f/)'],
    ['**[**b**](https://e.f/)**', '*<https://e.f/|b>*', 'b (https://e.f/)'],
    ['[a **b** `c`\nd](https://e.f/)', '<https://e.f/|a b c d>', 'a b c d (https://e.f/)'],
    ['![alt](https://e.f/i.png)', '<https://e.f/i.png|alt>', 'alt (https://e.f/i.png)'],
    ['[![alt](https://e.f/i.png)](https://g.h/)', '<https://g.h/|alt>', 'alt (https://g.h/)'],
    ['[![](https://e.f/i.png)](https://g.h/)', '<https://g.h/>', 'https://g.h/'],
    ['[a][r]\n\n[r]: https://e.f/', '<https://e.f/|a>', 'a (https://e.f/)'],
    ['<https://x.y> <a@b.c>', '<https://x.y/|https://x.y> <mailto:a@b.c|a@b.c>', 'https://x.y a@b.c (mailto:a@b.c)'],
    ['[a | b](https://e.f/|x)', '<https://e.f/%7Cx|a ¦ b>', 'a | b (https://e.f/%7Cx)'],
    [
      '[a](javascript:b) [r](/rel) ![d](data:image/png;base64,x)',
      '[a](javascript:b) [r](/rel) ![d](data:image/png;base64,x)',
      '[a](javascript:b) [r](/rel) ![d](data:image/png;base64,x)',
    ],
    [
      '[https://bank.com](https://evil.com)',
      'https://bank.com (<https://evil.com/>)',
      'https://bank.com (https://evil.com)',
    ],
    ['[www.bank.com](https://bank.com/in)', '<https://bank.com/in|www.bank.com>', 'www.bank.com (https://bank.com/in)'],
  ])('%j', (markdown, mrkdwn, plain) => {
    expect(mrkdwnOf(markdown)).toBe(mrkdwn);
    expect(plainOf(markdown)).toBe(plain);
  });
});

describe('an address without marks around it comes out as it was written', () => {
  test.each([
    'https://github.com/o/r/blob/main/src/__init__.py',
    'https://e.com/x?a=__b__&c=*d*',
    'https://e/*a*b*c',
    'https://e/~~x~~y',
    'HTTP://e.com/a[]=__b__/c',
    'http://[::1]/__x__/y',
    'www.example.com/__x__/y',
    'https://e.com/x_(__y__)',
    'https://e.com/?a=1&copy=__x__2',
    'https://e.com/é/__ü__/x',
  ])('%s', (url) => {
    for (const [before, after] of [
      ['', ''],
      ['see ', '.'],
      ['(', '), and'],
      ['x="', '"'],
      ['\n', '\n'],
    ]) {
      const text = `${before}${url}${after}`.trim();
      expect(plainOf(text)).toBe(text);
      expect(mrkdwnOf(text)).toBe(text.replaceAll('&', '&amp;'));
    }
    expect(mrkdwnOf(`**${url}**, _${url}_`)).toBe(`*${url}*, _${url}_`.replaceAll('&', '&amp;'));
    expect(plainOf(`- ${url}\n- **b**`)).toBe(`• ${url}\n• b`);
  });

  test.each([
    ['https://e/*a*b*', 'https://e/*a*b*', 'https://e/*a*b*'],
    ['https://e/~~x~~', 'https://e/~~x~~', 'https://e/~~x~~'],
    ['www.example.com/__x__', 'www.example.com/__x__', 'www.example.com/__x__'],
    [
      '[a https://e.f/__x__/y](https://e.f/)',
      '<https://e.f/|a https://e.f/__x__/y>',
      'a https://e.f/__x__/y (https://e.f/)',
    ],
    [
      'https://e.f/?a=1&amp;b\\_c_d_ &lt;https://e.f&gt;;',
      'https://e.f/?a=1&amp;b_c_d_ &lt;https://e.f&gt;;',
      'https://e.f/?a=1&b_c_d_ <https://e.f>;',
    ],
    ['https://e.f/&lt;!here&gt;/__x__/y', 'https://e.f/&lt;!here&gt;/__x__/y', 'https://e.f/<!here>/__x__/y'],
    ['https://e.f/<!here>', 'https://e.f/&lt;!here&gt;', 'https://e.f/<!here>'],
    ['https://**b** awww.e/__x__/y', 'https://*b* awww.e/*x*/y', 'https://b awww.e/x/y'],
    ['https://e.f/`*x*`', 'https://e.f/`*x*`', 'https://e.f/*x*'],
    ['https://e.f/\\\nb', 'https://e.f/\nb', 'https://e.f/\nb'],
  ])('%j', (markdown, mrkdwn, plain) => {
    expect(mrkdwnOf(markdown)).toBe(mrkdwn);
    expect(plainOf(markdown)).toBe(plain);
  });
});

describe('blocks', () => {
  test.each([
    ['# Title **x** #\ntext\n\n\nmore', '*Title x*\ntext\n\nmore', 'Title x\ntext\n\nmore'],
    ['Setext\n===\n***', '*Setext*\n———', 'Setext\n———'],
    [
      '- a\n  * b\n    + c\n- [x] d\n- [ ] e',
      '• a\n    • b\n        • c\n☑ d\n☐ e',
      '• a\n    • b\n        • c\n☑ d\n☐ e',
    ],
    ['3. a\n3. b\n\n   more', '3. a\n4. b\n\n    more', '3. a\n4. b\n\n    more'],
    ['- ```\n  a\n  ```\n- b', '• \n```\na\n```\n• b', '• \na\n• b'],
    ['> a **x**\n> > b\n>\n> c\nlazy', '> a *x*\n> b\n> \n> c\n> lazy', 'a x\nb\n\nc\nlazy'],
    ['> ```\n> a\n> ```', '```\na\n```', 'a'],
    ['- > a\n  > b\n- c\n  > d', '• \n> a\n> b\n• c\n> d', '• a\n    b\n• c\n    d'],
    ['```js\n**a** <!here>\n```\nb', '```\n**a** &lt;!here&gt;\n```\nb', '**a** <!here>\nb'],
    ['~~~\na ``` b', `\`\`\`\na \`${ZERO}\`\` b\n\`\`\``, 'a ``` b'],
    ['a\r\n\r\n    code', 'a\n\n```\ncode\n```', 'a\n\ncode'],
    ['[r]: https://e.f/', '[r]: https://e.f/', '[r]: https://e.f/'],
    [`${'> '.repeat(100)}deep`, `${'&gt; '.repeat(100)}deep`, `${'> '.repeat(100)}deep`],
  ])('%j', (markdown, mrkdwn, plain) => {
    expect(mrkdwnOf(markdown)).toBe(mrkdwn);
    expect(plainOf(markdown)).toBe(plain);
  });

  test('a table that fits is aligned in a code block', () => {
    const table = '| Name | Qty |\n|---|--:|\n| Äpfel | 3 |\n| **b** <c> |';
    expect(mrkdwnOf(table)).toBe('```\nName   Qty\n-----  ---\nÄpfel  3\nb &lt;c&gt;\n```');
    expect(plainOf(table)).toBe('Name · Qty\nÄpfel · 3\nb <c>');
  });

  test('a table with links, or too wide for a code block, becomes lines', () => {
    expect(mrkdwnOf('|a|b|\n|-|-|\n|[x](https://e.f/)|y|')).toBe('*a* · *b*\n<https://e.f/|x> · y');
    const wide = 'w'.repeat(70);
    expect(mrkdwnOf(`|a|b|\n|-|-|\n|${wide}|y|`)).toBe(`*a* · *b*\n${wide} · y`);
  });
});

const LINK = /<(?:https?:\/\/|mailto:)[^<>|\s]+(?:\|[^<>|\n]+)?>/g;
const PIECES = [
  ...'[]()*_~`<>!|-#\\&"\n\t @',
  '\n\n',
  '**',
  '```',
  '~~~',
  '    ',
  '- ',
  '1. ',
  '> ',
  '\n|a|b|\n|-|-|\n',
]
  .concat('<!channel>', '<@U024BE7LH>', '<#C024BE91L>', '&lt;!here&gt;', '[a](https://e.f/)', '](https://e.f "t")')
  .concat(
    'www.a',
    'https://a.b/',
    '\\_',
    '<https://e.f|x>',
    '[r]: ',
    'javascript:a',
    'mailto:a@b.c',
    '[x](<!here>)',
    '![',
    'https://a.b',
    'word',
  );

test('whatever is written, nobody is pinged, links lead where they say, and fences close', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })), { maxLength: 60 }),
      (parts) => {
        const mrkdwn = mrkdwnOf(parts.join(''));
        expect(mrkdwn.replaceAll(LINK, '').replaceAll(/^> /gm, '')).not.toMatch(/[<>]/);
        expect((mrkdwn.match(/```/g) ?? []).length % 2).toBe(0);
      },
    ),
    { numRuns: 1_000 },
  );
});

test.each([
  '*',
  '_',
  '[',
  '![',
  '`',
  '> ',
  '**a ',
  '[a](',
  '# ',
  '- ',
  '1. ',
  '~~',
  '<https://',
  '*a**b',
  '|a',
  '&',
  '<!--',
  'https://',
  'https://a/*',
  'https://a/[',
  '[https://a/[b]',
  'https://a ',
  'www.a)',
  'www.a;',
])('20,000 × %j ends', (piece) => {
  expect(mrkdwnOf(piece.repeat(20_000)).length).toBeGreaterThan(1);
});
