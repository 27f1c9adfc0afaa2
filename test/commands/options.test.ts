import { Command, type Option } from 'commander';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/commands.ts';

const WHOLE = /A whole number from \d+ to \d+ is needed/;
const TIME = /A time is needed: 30s, 15m/;
const NUMBERS: [good: string[], wrong: [string, RegExp][]] = [
  ['1', '5', '5000'],
  ['-1', '1.5', '', ' ', '0x10', '1e3', 'many', '9'.repeat(20)].map((value) => [value, WHOLE]),
];
const TIMES: typeof NUMBERS = [
  ['30s', '15m', '2h', '7d', '2026-03-02', '2026-03-02T09:00Z', '2026-03-02 09:00'],
  ['', 'yesterday', '-2h', '2026-02-30', '2026-13-01'].map((value) => [value, TIME]),
];

const SERVICES: typeof NUMBERS = [
  ['http://127.0.0.1:3001', 'https://relay.example.com/admin/'],
  ['', '127.0.0.1:3001', 'ftp://x', 'http://u:p@x', 'http://x/?a=b', 'http://x/#/events'].map((url) => [
    url,
    /Write a whole address without user and query/,
  ]),
];

const TEMPLATES: typeof NUMBERS = [
  ['all', 'tag', 'tag,contact'],
  [
    ['', /Write all, or names/],
    ['tags', /Did you mean "tag"/],
  ],
];

/** Of each option that is read: values that `--help` names, and wrong ones with the remedy that they get. */
const READ: Readonly<Record<string, typeof NUMBERS>> = {
  'serve --sandbox-port': NUMBERS,
  'serve --log-level': [
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    [['loud', /Allowed choices are fatal, error, warn/]],
  ],
  'init --channel': [['#relay', 'relay', 'C024BE91L'], [['two words', /A channel is "#name"/]]],
  'init --quiet-hours': [['Europe/Paris', 'UTC', 'no'], [['Pari', /A time zone is/]]],
  'init --fallback-channel': [['#problems', 'problems', 'no'], [['two words', /A channel is "#name"/]]],
  'init --templates': TEMPLATES,
  'templates --copy': TEMPLATES,
  'explain --story': NUMBERS,
  'send --count': NUMBERS,
  'send --rate': NUMBERS,
  'send --story': NUMBERS,
  'send --url': [
    ['http://127.0.0.1:3000/webhooks/alo', 'https://relay.example.com/webhooks/alo'],
    ['', 'nonsense', 'localhost:3000', 'ftp://x/y', 'javascript:1'].map((url) => [url, /Write a whole address/]),
  ],
  'deliveries --state': [
    ['held', 'pending,sending', 'DEAD, parked', 'sent,merged,superseded,dismissed'],
    [
      ['', /States are held, pending/],
      ['lost', /States are held, pending/],
    ],
  ],
  'deliveries --since': TIMES,
  'deliveries --limit': NUMBERS,
  'deliveries --admin': SERVICES,
  'replay --since': TIMES,
  'replay --admin': SERVICES,
  'dismiss --since': TIMES,
  'dismiss --admin': SERVICES,
  'explain --admin': SERVICES,
  'fields --admin': SERVICES,
  'status --admin': SERVICES,
  'audit --admin': SERVICES,
  'audit --since': TIMES,
  'audit --limit': NUMBERS,
};

const documented = COMMANDS.map((make) => make(() => undefined)).flatMap((command) =>
  command.options.map((option): [string, Option] => [`${command.name()} ${option.long}`, option]),
);

/** As the command line gives it to the command. */
function read(option: Option, value: string, said: string[] = []): unknown {
  const alone = new Command('x').addOption(option).exitOverride();
  alone.configureOutput({ writeErr: (text) => said.push(text) }).parse([`${option.long}=${value}`], { from: 'user' });
  return alone.getOptionValue(option.attributeName());
}

it.each(documented.filter(([name]) => READ[name] !== undefined))('%s', (name, option) => {
  const [good, wrong] = READ[name] ?? [[], []];
  for (const value of good) expect(['', null, undefined], value).not.toContain(read(option, value));
  for (const [value, remedy] of wrong) {
    const said: string[] = [];
    expect(() => read(option, value, said), value).toThrow();
    expect(said.join(''), value).toMatch(remedy);
  }
});

it('every option that is read is tried, and no other', () => {
  const read = documented.filter(([, { parseArg, argChoices }]) => parseArg !== undefined || argChoices !== undefined);
  const lists = read.filter(([, { long }]) => !['--event', '--route', '--reason-code'].includes(long ?? ''));
  expect(Object.keys(READ).toSorted()).toEqual(lists.map(([name]) => name).toSorted());
});
