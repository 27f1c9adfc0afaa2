/**
 * Channels and people that a value of the payload names: whoever writes that value chooses where a message goes. What
 * bounds the choice where it is simple to see is accepted: a fixed beginning, or a condition about that value.
 */
import type { Problem } from '../core/problem.ts';
import { type Condition, readCondition } from '../language/condition.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import type { WrittenRoute } from './schema.ts';

const PAYLOAD = /\bevent\.payload(?:\.\w+|\[[^\]]*\])*/g;

/** What Liquid prints, or keeps under a name to print it later. */
const PRINTED = /\{\{-?(.*?)\}\}|\{%-?\s*assign\b(.*?)%\}/gs;

const BOUNDING_CALL = / in \[|\.(?:endsWith|startsWith|matches)\(/;

/** Warnings, one for each channel and each `to`. */
export function sendersChoices(routes: readonly WrittenRoute[], document: SourceDocument, base: Path): Problem[] {
  return routes.flatMap((route, index) => {
    const at = [...base, index];
    const condition = route.when === undefined ? null : readCondition(route.when);
    const isFree = (path: string) => condition === null || !bounds(condition, path);
    const { card = [], reply = [], post = [], react = [], dm = [] } = route;
    const channels = Object.entries({ card, reply, post, react }).flatMap(([verb, steps]) =>
      steps.flatMap(({ channel }, step) => {
        const path = namingChannel(channel).find(isFree);
        return path === undefined ? [] : [chosenChannel(path, document, [...at, verb, step, 'channel'])];
      }),
    );
    const people = dm.flatMap(({ to }, step) => {
      const path = BOUNDING_CALL.test(to) ? undefined : pathsIn(to).find(isFree);
      return path === undefined ? [] : [chosenPerson(path, document, [...at, 'dm', step, 'to'])];
    });
    return [...channels, ...people];
  });
}

function pathsIn(text: string): string[] {
  return text.match(PAYLOAD) ?? [];
}

/** None where the name has a fixed beginning. */
function namingChannel(channel: string): string[] {
  const [beginning = ''] = channel.split(/\{[{%]/, 1);
  if (beginning.replace(/^#/, '').trim() !== '') return [];
  return [...channel.matchAll(PRINTED)].flatMap(([, printed, assigned]) => pathsIn(printed ?? assigned ?? ''));
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

function chosenChannel(path: string, document: SourceDocument, at: Path): Problem {
  return {
    ...document.place(at),
    severity: 'warning',
    code: 'sender-chooses',
    message: `The sender chooses the channel: ${path} names it.`,
    remedy: `Bound it with a condition, such as when: ${path} in ["support", "sales"], or give the name a fixed beginning: "#team-{{ ${path} }}".`,
  };
}

function chosenPerson(path: string, document: SourceDocument, at: Path): Problem {
  return {
    ...document.place(at),
    severity: 'warning',
    code: 'sender-chooses',
    message: `The sender chooses who gets this message: ${path} names them.`,
    remedy: `Bound it with a condition, such as when: ${path}.endsWith("@example.com").`,
  };
}
