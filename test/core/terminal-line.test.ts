import { expect, it } from 'vitest';
import { terminalLine } from '../../src/core/log.ts';

const DETAIL = 'config.yaml:76:5: Unknown key "onn" in routes[3]. Did you mean "on"?';

it.each<[string, Record<string, unknown>, string]>([
  [
    'a mistake: place, sentence and remedy, once',
    { level: 'error', time: 1, msg: 'config', at: 'config.yaml:76:5', code: 'unknown-key', detail: DETAIL },
    `config: ${DETAIL}`,
  ],
  [
    'a key that needs a restart',
    { msg: 'config', key: 'admin.port', detail: 'admin.port was changed. Restart the service.' },
    'config: admin.port was changed. Restart the service.',
  ],
  ['a line with facts', { msg: 'config reloaded', file: 'c.yaml', routes: 2 }, 'config reloaded file=c.yaml routes=2'],
  ['a code, where there is no sentence', { msg: 'slack', code: 'invalid_auth' }, 'slack: invalid_auth'],
  [
    'a webhook',
    { msg: 'webhook', request_id: 'x', source: 'alo', topic: 't', subject: null, outcome: 'accepted', ms: 3.1 },
    '→ alo t accepted (3.1 ms)',
  ],
  [
    'a refusal',
    { msg: 'webhook refused', source: 'alo', code: 'bad-signature', client: '127.0.0.1', ms: 0 },
    '→ alo from 127.0.0.1 bad-signature (0 ms)',
  ],
  [
    'a delivery',
    { msg: 'delivery', verb: 'post', lane: 'channel:#a', outcome: 'dead', code: 'x', detail: 'Why.' },
    '   post #a dead x Why.',
  ],
  ['an error', { msg: 'journal', err: { stack: 'Error: no\n    at x' } }, 'journal \nError: no\n    at x'],
])('%s', (_, line, text) => {
  expect(terminalLine(line)).toBe(text);
});
