import { describe, expect, it } from 'vitest';
import { slackTexts } from '../../src/templates/text.ts';

/** Null where the text compiles. */
function complaint(source: string): string | null {
  const compiled = slackTexts.compile(source, 'mrkdwn', { locals: { person: 'Person' } });
  return compiled.ok ? null : compiled.error.message;
}

describe('names that a template makes for itself', () => {
  it.each([
    ['{% for p in event.assignees.added %}{{ p.nick }}{% endfor %}', '"p" has no "nick".'],
    ['{% for p in event.assignees.added %}{{ p.name }} {{ forloop.index }}{% endfor %}', null],
    ['{% assign a = event.action %}{{ a.state }}', '"a" has no "state".'],
    ['{% assign a = event.action %}{% if a.state %}x{% endif %}', '"a" has no "state".'],
    ['{% assign all = event.assignees.current %}{% for p in all %}{{ p.nick }}{% endfor %}', '"p" has no "nick".'],
    ['{% assign who = person %}{{ who.nick }}', '"who" has no "nick".'],
    // may be anything
    ['{% assign a = event.action | json %}{{ a.state }}', null],
    ['{% assign a = event.action %}{% assign a = event.payload %}{{ a.state }}', null],
    ['{% assign a = event.payload %}{% assign a = event.action %}{{ a.state }}', null],
    ['{% assign person = event.payload.data.person %}{{ person.nick }}', null],
    ['{% capture c %}x{% endcapture %}{{ c.z }}', null],
    ['{% for i in (1..3) %}{{ i }}{% endfor %}', null],
    ['{% assign d = event.payload["data"] %}{{ d.x }}', null],
    ['{% assign d = event.payload[event.topic] %}{{ d.x }}', null],
  ])('%s: %s', (source, expected) => {
    expect(complaint(source)).toBe(expected);
  });
});
