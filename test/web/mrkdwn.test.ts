import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Message, type MessageProps } from 'slack-blocks-to-jsx';
import { describe, expect, it } from 'vitest';
import { type Node, parseMrkdwn, parsePlain } from '../../src/web/mrkdwn.ts';
import { prepareBlock } from '../../src/web/prepare.ts';

/** The tree in one line: `bold(a)`, `link(url label)`; plain text as it is. */
function outline(nodes: readonly Node[]): string {
  return nodes.map(outlineOne).join('');
}

function outlineOne(node: Node): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'break':
      return '⏎';
    case 'code':
    case 'pre':
      return `${node.kind}(${node.text})`;
    case 'bold':
    case 'italic':
    case 'strike':
    case 'quote':
      return `${node.kind}(${outline(node.children)})`;
    case 'emoji':
      return node.character;
    case 'link':
      return `link(${node.url} ${node.label})`;
    case 'user':
    case 'channel':
      return `${node.kind}(${node.id} ${node.label})`;
    case 'broadcast':
      return `broadcast(${node.label})`;
    case 'date':
      return `date(${node.seconds} ${node.format} ${node.fallback})`;
  }
}

describe('mrkdwn', () => {
  it.each([
    ['*a* _b_ ~c~ `d`', 'bold(a) italic(b) strike(c) code(d)'],
    ['*a _b_* *_c_*', 'bold(a italic(b)) bold(italic(c))'],
    ['snake_case_name 2*3*4 ~', 'snake_case_name 2*3*4 ~'],
    ['* a * and _ b_', '* a * and _ b_'],
    ['a\nb', 'a⏎b'],
    ['# a\n---\n- b\n1. c', '# a⏎---⏎- b⏎1. c'],
    ['&gt; a\n> *b*\nc', 'quote(a⏎bold(b))c'],
    ['a ```x &lt;b&gt; *c*\ny``` z', 'a pre(x <b> *c*\ny) z'],
    ['&lt;!channel&gt; &amp;lt;', '<!channel> &lt;'],
    ['<!channel> <!subteam^S1|@team>', 'broadcast(@channel) user(S1 @team)'],
    ['<@U1> <@U1|Maria> <#C1|ops>', 'user(U1 null) user(U1 Maria) channel(C1 ops)'],
    ['<https://a.example?x=1&amp;y=2|a &amp; b>', 'link(https://a.example?x=1&y=2 a & b)'],
    ['see https://a.example/b_c_d.', 'see link(https://a.example/b_c_d. https://a.example/b_c_d.)'],
    ['<mailto:a@b.example>', 'link(mailto:a@b.example a@b.example)'],
    ['<!date^1700000000^{date_short} {time}^https://x.example|then>', 'date(1700000000 {date_short} {time} then)'],
    [':wave::skin-tone-3: :no_such_thing: 10:30:45', '👋 :no_such_thing: 10:30:45'],
    [':large_green_circle: :thumbsup:', '🟢 👍'],
  ])('%j', (source, expected) => {
    expect(outline(parseMrkdwn(source))).toBe(expected);
  });

  it.each([
    '<javascript:alert(1)|x>',
    '<JAVASCRIPT:alert(1)>',
    '<data:text/html,x|y>',
    '<vbscript:x>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    ':constructor: :__proto__:',
  ])('hostile, and only text: %s', (source) => {
    expect(parseMrkdwn(source)).toEqual([{ kind: 'text', text: source }]);
  });

  it('takes plain text as it is, but for emoji and escapes', () => {
    expect(outline(parsePlain('*a* <@U1> &lt;b&gt;\n:tada:', true))).toBe('*a* <@U1> <b>⏎🎉');
    expect(outline(parsePlain(':tada:', false))).toBe(':tada:');
  });
});

describe('blocks for the renderer', () => {
  const texts = [
    { type: 'header', text: { type: 'plain_text', text: '# One' } },
    { type: 'section', text: { type: 'mrkdwn', text: '&lt;!here&gt;' }, fields: [{ type: 'mrkdwn', text: '---' }] },
    { type: 'context', elements: [{ type: 'mrkdwn', text: '- two' }] },
    { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: '@channel' } }] },
  ];

  it.each(texts)('$type: every text goes through the stand-ins, and the renderer asks for each', (block) => {
    const prepared = prepareBlock(block);
    const asked: string[] = [];
    const hooks = {
      user: ({ id }: { id: string }) => {
        asked.push(id);
        return id;
      },
    };
    // The renderer's own types want more than we know about a block.
    const blocks = [prepared?.block] as MessageProps['blocks'];
    renderToStaticMarkup(createElement(Message, { blocks, hooks, logo: '', name: '', withoutWrapper: true }));
    expect(asked).toEqual(prepared?.texts.map((_, index) => `TEXT-${index}`));
    expect(JSON.stringify(prepared?.texts)).toContain(JSON.stringify(block).match(/"text":"([^"]+)"/)?.[1]);
  });

  it('leaves no address that must not be followed or fetched', () => {
    const button = { type: 'button', text: { type: 'plain_text', text: 'x' } };
    const prepared = prepareBlock({
      type: 'section',
      text: { type: 'mrkdwn', text: 'x' },
      accessory: { ...button, url: 'javascript:alert(1)' },
      more: [
        { ...button, url: 'https://a.example' },
        { type: 'image', image_url: 'https://tracker.example/x.png' },
      ],
    });
    const json = JSON.stringify(prepared?.block);
    expect(json).toContain('https://a.example');
    expect(json).not.toMatch(/javascript|tracker/);
    expect(prepareBlock({ type: 'video', video_url: 'https://x.example' })).toBeNull();
  });
});
