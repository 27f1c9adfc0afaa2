import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plainText } from '../../src/dry-run/plain.ts';
import { loadTemplates } from '../../src/templates/load.ts';
import { readBody } from '../sources/requests.ts';

const { templates } = await loadTemplates('templates');
const FOLDER = resolve(import.meta.dirname, '../fixtures/payloads/other');

function shown(body: string) {
  const template = templates.get('any_event');
  if (template === undefined) throw new Error('There is no template any_event.');
  const { event } = readBody('standard-webhooks', body);
  return template.render(event, { mention: () => undefined });
}

describe('a payload of a shape that nobody foresaw, as its reader sees it', () => {
  test.each(readdirSync(FOLDER))('%s', (file) => {
    const message = shown(readFileSync(resolve(FOLDER, file), 'utf8'));
    expect(`${message.summary}\n---\n${plainText(message)}`).toMatchSnapshot();
  });

  test.each([
    ['text', 'disk full on <db-2>', 'disk full on &lt;db-2&gt;'],
    ['a number', '1524831183200260097', '1524831183200260097'],
    ['a list of texts', '["a","b"]', 'Event from here'],
    ['nothing', '{}', 'Event from here'],
  ])('%s', (_, body, expected) => {
    const { blocks } = shown(body);
    expect(JSON.stringify(blocks)).toContain(expected);
  });
});
