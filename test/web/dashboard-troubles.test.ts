import { describe, expect, it } from 'vitest';
import type { OverviewView } from '../../src/history/views.ts';
import { troublesOf } from '../../src/web/dashboard/troubles.ts';

type Check = OverviewView['checks'][number];

const SINCE = '2026-03-02T09:00:00.000Z';
const fine = (name: Check['name']): Check => ({ name, ok: true, detail: null, code: null, since: null });
const failing = (name: Check['name'], code: string | null): Check => ({
  ...{ name, ok: false, code, detail: 'Why, and what to do.', since: SINCE },
});
const config: Check = { ...fine('config'), detail: 'config.yaml:3:1: What?', since: SINCE };

describe('what is wrong, in a word', () => {
  it.each([
    [failing('journal', 'journal-full'), 'disk full'],
    [failing('journal', 'journal-unreachable'), 'journal unreachable'],
    [failing('journal', 'journal-damaged'), 'journal failing'],
    [failing('slack', 'unreachable'), 'Slack unreachable'],
    [failing('slack', 'token_revoked'), 'token rejected'],
    [config, 'config not in force'],
  ])('%j', (check, short) => {
    const [trouble, ...more] = troublesOf({ checks: [check] });
    expect(more).toEqual([]);
    expect(trouble).toMatchObject({ short, since: SINCE, detail: check.detail });
    expect(trouble?.meanwhile).not.toBe('');
  });

  it('as a sentence, for something follows', () => {
    const [trouble] = troublesOf({
      checks: [{ ...failing('slack', 'token_revoked'), detail: 'install the app again' }],
    });
    expect(trouble?.detail).toBe('install the app again.');
  });

  it('nothing for what works, in part or whole', () => {
    const limited = { ...fine('slack'), detail: 'No history.', code: 'missing_scope' };
    expect(troublesOf({ checks: [fine('journal'), limited, fine('config')] })).toEqual([]);
  });

  it('what stops deliveries comes first', () => {
    const found = troublesOf({ checks: [config, failing('slack', 'unreachable')] });
    expect(found.map(({ short }) => short)).toEqual(['Slack unreachable', 'config not in force']);
  });
});
