import { expect, it } from 'vitest';
import { parseBlocks } from '../../src/sandbox/blocks.ts';
import { Refusal } from '../../src/sandbox/refusal.ts';

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const button = (more: object) => ({ type: 'actions', elements: [{ type: 'button', text: plain(5), ...more }] });
const divider = { type: 'divider' };

function complaints(blocks: unknown): string[] {
  try {
    parseBlocks(blocks);
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.messages.length === 0 ? [error.code] : error.messages.map((it) => it.replace('[ERROR] ', ''));
  }
}

it.each([
  ['50 blocks', many(50, divider)],
  ['a section of 3,000', [{ type: 'section', text: mrkdwn(3000) }]],
  ['10 fields', [{ type: 'section', fields: many(10, mrkdwn(1)) }]],
  ['a field of 2,000', [{ type: 'section', fields: [plain(2000)] }]],
  ['a header of 150', [{ type: 'header', text: plain(150) }]],
  ['10 context elements', [{ type: 'context', elements: many(10, mrkdwn(1)) }]],
  [
    '25 actions',
    [{ type: 'actions', elements: many(25, { type: 'button', text: plain(75), value: 'x'.repeat(2000) }) }],
  ],
  [
    'an image',
    [{ type: 'image', image_url: 'https://example.com/x.png', alt_text: 'x'.repeat(2000), title: plain(2000) }],
  ],
  ['an accessory', [{ type: 'section', text: mrkdwn(1), accessory: { type: 'overflow', options: [] } }]],
  ['what it does not look into', [{ type: 'rich_text', elements: [] }]],
])('takes %s', (_, blocks) => {
  expect(complaints(blocks)).toEqual([]);
});

it.each([
  ['no more than 50 items allowed [json-pointer:/blocks]', many(51, divider)],
  ['unsupported value: "sectoin" [json-pointer:/blocks/0/type]', [{ type: 'sectoin' }]],
  ['missing required field: text [json-pointer:/blocks/0]', [{ type: 'section' }]],
  ['missing required field: text [json-pointer:/blocks/0]', [{ type: 'header' }]],
  ['must be less than 3001 characters [json-pointer:/blocks/0/text/text]', [{ type: 'section', text: mrkdwn(3001) }]],
  ['must be more than 0 characters [json-pointer:/blocks/0/text/text]', [{ type: 'section', text: mrkdwn(0) }]],
  ['no more than 10 items allowed [json-pointer:/blocks/0/fields]', [{ type: 'section', fields: many(11, mrkdwn(1)) }]],
  [
    'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    [{ type: 'section', fields: [mrkdwn(2001)] }],
  ],
  ['must be less than 151 characters [json-pointer:/blocks/0/text/text]', [{ type: 'header', text: plain(151) }]],
  ['unsupported value: "mrkdwn" [json-pointer:/blocks/0/text/type]', [{ type: 'header', text: mrkdwn(1) }]],
  [
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    [{ type: 'context', elements: many(11, mrkdwn(1)) }],
  ],
  ['no fewer than 1 items allowed [json-pointer:/blocks/0/elements]', [{ type: 'context', elements: [] }]],
  [
    'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    [{ type: 'actions', elements: many(26, { type: 'button', text: plain(1) }) }],
  ],
  ['must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]', [button({ text: plain(76) })]],
  [
    'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    [button({ value: 'x'.repeat(2001) })],
  ],
  ['must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]', [button({ url: 'x'.repeat(3001) })]],
  [
    'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    [button({ action_id: 'x'.repeat(256) })],
  ],
  ['must be less than 256 characters [json-pointer:/blocks/0/block_id]', [{ ...divider, block_id: 'x'.repeat(256) }]],
  ['block_id must be unique', many(2, { ...divider, block_id: 'same' })],
  [
    'must be less than 2001 characters [json-pointer:/blocks/0/alt_text]',
    [{ type: 'image', image_url: 'https://example.com', alt_text: 'x'.repeat(2001) }],
  ],
  ['invalid additional property: when [json-pointer:/blocks/0]', [{ ...divider, when: 'true' }]],
  ['msg_blocks_too_long', many(5, { type: 'section', text: mrkdwn(3000) })],
  ['invalid_blocks_format', { type: 'divider' }],
])('refuses: %s', (complaint, blocks) => {
  expect(complaints(blocks)).toEqual([complaint]);
});
