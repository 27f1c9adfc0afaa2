/**
 * Channels and people that the sender names: the writer of that value chooses where a message goes. What bounds the
 * choice where it is simple to see is accepted: a fixed beginning, or a condition about that value.
 */
import type { Problem } from '../core/problem.ts';
import { type Condition, readCondition } from '../language/condition.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { stepsOf, type WrittenRoute } from '../routing/schema.ts';

/** A path ends before a call. */
const STEPS = String.raw`(?:\.\w+\b(?!\s*\()|\[[^\]]*\])*`;
const PAYLOAD = new RegExp(String.raw`\bevent\.payload\b${STEPS}`, 'g');

/** Texts that the sender writes freely; a team, a status and the like are among what a workspace has. */
const FREE = new RegExp(
  String.raw`\bevent\.(?:topic\b|subject\b|(?:actor|message|assignees)\b${STEPS}|action\.(?:id|title|description|url)\b|payload\b${STEPS})`,
  'g',
);

/** What Liquid prints, or keeps under a name to print it later. */
const PRINTED = /\{\{-?(.*?)\}\}|\{%-?\s*(?:assign|for)\b(.*?)%\}/gs;

const LOOP = /\{%-?\s*for\s+(\w+)/;

/** Long enough that no other channel begins with it. */
const FIXED_BEGINNING = /^#?[^\s#]{2,}[-_]$/;

const BOUNDING_CALL =
  / in \[(?!\s*\])|\.(?:endsWith|startsWith)\(\s*(?:"[^"]|'[^'])|\.matches\(\s*r?(["'])(?!\^?(?:\(?\.[*+]\??\)?)?\$?\1)/;

/** Warnings, one for each channel and each `to`. */
export function sendersChoices(routes: readonly WrittenRoute[], document: SourceDocument, base: Path): Problem[] {
  return routes.flatMap((route, index) => {
    const at = [...base, index];
    const condition = route.when === undefined ? null : readCondition(oneForm(route.when));
    const isFree = (path: string) => condition === null || !bounds(condition, path);
    const anyTopic = route.on.some((topic) => topic.includes('*'));
    return stepsOf(route).flatMap(({ step: { channel = '', to: written }, at: within }): Problem[] => {
      const place = (key: string) => document.place([...at, ...within, key]);
      if (written === undefined) {
        const path = namingChannel(channel).find((one) => isFree(one) && (anyTopic || one !== 'event.topic'));
        return path === undefined ? [] : [chosenChannel(path, channel, place('channel'))];
      }
      const to = oneForm(written);
      const path = BOUNDING_CALL.test(to) ? undefined : (to.match(PAYLOAD) ?? []).find(isFree);
      return path === undefined ? [] : [chosenPerson(path, to, place('to'))];
    });
  });
}

/** `event["payload"].?x` is `event.payload.x`: what is not there makes a condition false either way. */
function oneForm(text: string): string {
  return text.replaceAll(/\[\??\s*(["'])([A-Za-z_]\w*)\1\s*\]/g, '.$2').replaceAll('.?', '.');
}

/** None where the name has a fixed beginning. */
function namingChannel(channel: string): string[] {
  const [beginning = ''] = channel.split(/\{[{%]/, 1);
  if (FIXED_BEGINNING.test(beginning.trim())) return [];
  return [...channel.matchAll(PRINTED)].flatMap(
    ([, printed, assigned]) => oneForm(printed ?? assigned ?? '').match(FREE) ?? [],
  );
}

function bounds(condition: Condition, path: string): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.some((part) => bounds(part, path));
    case 'or':
      return condition.parts.every((part) => bounds(part, path));
    case 'one-of':
      return condition.path === path;
    case 'other':
      return !condition.key.startsWith('!') && condition.key.includes(path) && BOUNDING_CALL.test(condition.key);
    case 'constant':
      return !condition.value;
  }
}

function chosenChannel(path: string, channel: string, place: ReturnType<SourceDocument['place']>): Problem {
  const [, one] = LOOP.exec(channel) ?? [];
  const bound =
    path === 'event.topic'
      ? 'Name the topics under on, without *, or give'
      : `Bound it with a condition, such as when: ${path} in ["support", "sales"], or give`;
  return {
    ...place,
    severity: 'warning',
    code: 'sender-chooses',
    message: `The sender chooses the channel: ${path} names it.`,
    remedy: `${one === undefined ? bound : 'Give'} the name a fixed beginning: "#team-{{ ${one ?? path} }}".`,
  };
}

function chosenPerson(path: string, to: string, place: ReturnType<SourceDocument['place']>): Problem {
  const ofList = /^\.(?:map|filter)\(/.test(to.slice(to.indexOf(path) + path.length));
  const bound = ofList
    ? `Bound it in dm.to, such as to: ${path}.filter(one, one.email.endsWith("@example.com")).map(one, one.email).`
    : `Bound it with a condition, such as when: ${path}.endsWith("@example.com").`;
  return {
    ...place,
    severity: 'warning',
    code: 'sender-chooses',
    message: `The sender chooses who gets this message: ${path} names them.`,
    remedy: bound,
  };
}
