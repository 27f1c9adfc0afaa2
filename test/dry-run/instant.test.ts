import { describe, expect, it } from 'vitest';
import { instant, instantText, SOME_TUESDAY, zoneOf } from '../../src/dry-run/instant.ts';
import { makeRoutes } from '../helpers/routes.ts';

const BASE = Date.parse('2026-03-03T11:00Z');

function at(text: string, when: 'that-day' | 'next' = 'that-day', zone: string | null = 'Europe/Paris') {
  const choice = instant(text, { zone, base: BASE, when });
  return choice.ok ? new Date(choice.value).toISOString().slice(0, 16) : choice.problem;
}

describe('times as people write them', () => {
  it.each([
    ['23:00', '2026-03-03T22:00'],
    ['08:00', '2026-03-03T07:00'],
    ['08:00 America/New_York', '2026-03-03T13:00'],
    ['sat 11:00', '2026-03-07T10:00'],
    ['Tue 00:00', '2026-03-02T23:00'],
    ['2026-07-01 09:30', '2026-07-01T07:30'],
    ['2026-07-01', '2026-06-30T22:00'],
    ['2026-07-01T09:30:00', '2026-07-01T07:30'],
    ['2026-07-01T09:30Z', '2026-07-01T09:30'],
    ['2026-07-01T09:30:00.250+02:00', '2026-07-01T07:30'],
    // The day on which clocks go forward, before and after.
    ['2026-03-29 01:59', '2026-03-29T00:59'],
    ['2026-03-29 03:00', '2026-03-29T01:00'],
    [SOME_TUESDAY, '2026-03-03T11:00'],
  ])('%s', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it.each([
    ['12:00', '2026-03-03T11:00'],
    ['08:00', '2026-03-04T07:00'],
    ['tue 08:00', '2026-03-10T07:00'],
    ['mon 08:00', '2026-03-09T07:00'],
  ])('%s, the next', (text, expected) => {
    expect(at(text, 'next')).toBe(expected);
  });

  it.each([
    ['25:00', 'There is no such time'],
    ['23:60', 'There is no such time'],
    ['2026-13-01 09:00', 'There is no such time'],
    ['2026-02-30 09:00', 'There is no such time'],
    ['2026-02-30T09:00Z', 'There is no such time'],
    ['23:00 Europe/Pariss', 'There is no time zone "Europe/Pariss".'],
    ['half past', 'A time is needed'],
    ['sat', 'A time is needed'],
    ['', 'A time is needed'],
  ])('%s: %s', (text, problem) => {
    expect(at(text)).toContain(problem);
  });

  it('needs a zone where the config has several', () => {
    expect(at('23:00', 'that-day', null)).toContain('"23:00 Europe/Paris"');
    expect(at('23:00 UTC', 'that-day', null)).toBe('2026-03-03T23:00');
  });

  it('what is told can be written', () => {
    const text = instantText(Date.parse('2026-12-24T17:05Z'), 'Europe/Paris');
    expect(text).toBe('Thu 2026-12-24 18:05 Europe/Paris');
    expect(at(text)).toBe('2026-12-24T17:05');
  });

  it('the zone is that of the quiet hours in use', () => {
    const quietHours = `
      nights: { timezone: Europe/Paris, from: "19:00", to: "08:00" }
      away: { timezone: recipient, from: "19:00", to: "08:00" }
      there: { timezone: Asia/Tokyo, from: "19:00", to: "08:00" }`.replaceAll(/^/gm, '  ');
    const routes = (names: string) =>
      makeRoutes(`- { dm: { to: event.actor, template: t }, quiet_hours: [${names}] }`, { quietHours });
    expect(zoneOf({ routes: [] })).toBe('UTC');
    expect(zoneOf({ routes: routes('nights, away') })).toBe('Europe/Paris');
    expect(zoneOf({ routes: routes('nights, there') })).toBe(null);
  });
});
