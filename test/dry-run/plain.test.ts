import { describe, expect, it } from 'vitest';
import type { Block } from '../../src/core/message.ts';
import { builderUrl, plainText } from '../../src/dry-run/plain.ts';

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const plain = (text: string) => ({ type: 'plain_text', text });

describe('a message as text', () => {
  it.each<[string, Block | string, string]>([
    [
      'text alone',
      '*a* &lt;b&gt; &amp;amp; <https://x.example/?a=1&amp;b|label>',
      '*a* <b> &amp; label (https://x.example/?a=1&b)',
    ],
    [
      'a bare link',
      '<https://x.example> <mailto:a@b.example|a@b.example>',
      'https://x.example a@b.example (mailto:a@b.example)',
    ],
    ['mentions', '<@U123> <#C1|general> <!here> <!subteam^S1|@team>', '@U123 #general @here @team'],
    ['a date', '<!date^1772442000^{date_short_pretty} at {time}|Mar 2, 2026, 09:00 UTC>', 'Mar 2, 2026, 09:00 UTC'],
    ['header', { type: 'header', text: plain('a &lt; <b>') }, 'a &lt; <b>'],
    [
      'section with fields and a button',
      {
        type: 'section',
        text: mrkdwn('one\ntwo  '),
        fields: [mrkdwn('*Status*\nOpen'), plain('x')],
        accessory: { type: 'button', text: plain('Go'), url: 'https://x.example' },
      },
      'one\ntwo\n*Status* Open\nx\n[Go] (https://x.example)',
    ],
    [
      'context',
      { type: 'context', elements: [{ type: 'image', image_url: 'u', alt_text: 'a cat' }, mrkdwn('a'), plain('b')] },
      '[image: a cat] · a · b',
    ],
    ['divider', { type: 'divider' }, '———'],
    ['image', { type: 'image', title: plain('T'), alt_text: 'alt', image_url: 'u' }, 'T\n[image: alt]'],
    [
      'actions',
      {
        type: 'actions',
        elements: [
          { type: 'button', text: plain('A') },
          { type: 'button', text: plain('B') },
        ],
      },
      '[A] · [B]',
    ],
    ['markdown', { type: 'markdown', text: '# Title <x>' }, '# Title <x>'],
    [
      'rich text',
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'hello ' },
              { type: 'user', user_id: 'U1' },
            ],
          },
          {
            type: 'rich_text_list',
            elements: [
              { type: 'rich_text_section', elements: [{ type: 'text', text: 'a' }] },
              { type: 'rich_text_section', elements: [{ type: 'emoji', name: 'tada' }] },
            ],
          },
        ],
      },
      'hello @U1\na\n:tada:',
    ],
    ['a block nobody knows', { type: 'novel', text: 3, elements: 'x' }, ''],
  ])('%s', (_, message, expected) => {
    const rendered = typeof message === 'string' ? { text: message } : { text: 'unused', blocks: [message] };
    expect(plainText(rendered)).toBe(expected);
  });

  it('Block Kit Builder opens with the very blocks; a text becomes a section', () => {
    const opened = (url: string) =>
      JSON.parse(decodeURIComponent(url.replace(/^https:\/\/app\.slack\.com\/block-kit-builder\/#/, '')));
    const blocks = [{ type: 'header', text: plain('é & 100% #1') }];
    expect(opened(builderUrl({ text: 't', blocks }))).toEqual({ blocks });
    expect(opened(builderUrl({ text: '*t*' }))).toEqual({ blocks: [{ type: 'section', text: mrkdwn('*t*') }] });
    expect(opened(builderUrl({ text: '😀'.repeat(2000) })).blocks[0].text.text).toHaveLength(3000);
  });
});
