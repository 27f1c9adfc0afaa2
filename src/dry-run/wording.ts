/** What a dry run found, in words: the same wherever it is told. */
import { isAbsent } from '../core/absent.ts';
import { isMade, type NoTarget, type Target } from '../core/delivery.ts';
import { writeJson } from '../core/json.ts';
import type { Decision } from '../language/decision.ts';
import { wordsOf } from '../verbs/verbs.ts';
import type { DeliveryPreview, Verdict } from './dry-run.ts';

const LONGEST_VALUE = 60;

/** `event.action.status is "Open"` for each field that decided. */
function lookedText({ looked, evaluation }: Decision): string {
  if (looked.length === 0) return evaluation.ok ? '' : evaluation.reason;
  return looked
    .map(({ field, evaluation: one }) => (one.ok ? `${field} is ${valueText(one.value)}` : one.reason))
    .join(', ');
}

/** Why a route takes an event, or does not; empty where there is nothing to say. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'taken':
      return verdict.because === null
        ? ''
        : `${oneLine(verdict.because.part)}${inBrackets(lookedText(verdict.because))}`;
    case 'condition':
      return decisionText(verdict.because);
    case 'undecided':
      return `its condition is too much work: ${verdict.reason}`;
    case 'other-source':
      return `only from ${verdict.sources.join(', ')}`;
    case 'other-topic':
      return 'another topic';
    case 'already-taken':
      return `only what no route took, and "${verdict.by}" took it`;
    case 'stopped':
      return `not reached: "${verdict.by}" ends the reading`;
  }
}

/** `event.action.status == "Completed" is false (event.action.status is "Open")` */
export function decisionText(decision: Decision): string {
  const { part, evaluation } = decision;
  const outcome = evaluation.ok ? `is ${valueText(evaluation.value)}` : `has no value${ownReason(decision)}`;
  return `${oneLine(part)} ${outcome}${inBrackets(lookedText(decision))}`;
}

/** Where no field is the reason. */
function ownReason({ evaluation, looked }: Decision): string {
  if (evaluation.ok || looked.length === 0 || looked.some((field) => !field.evaluation.ok)) return '';
  return `: ${evaluation.reason}`;
}

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

/** `card in #alo-actions`, `dm to Maria Santos` */
export function whereText(target: Target | NoTarget): string {
  return isMade(target) ? wordsOf(target) : 'nothing';
}

/** Everything that may be said about where a person is meant. */
export function namesOf({ target, slackUser }: Pick<DeliveryPreview, 'target' | 'slackUser'>): string[] {
  if (target.to === undefined) return [];
  const { id, email, name } = target.to;
  return [email, id, name, slackUser ?? null].filter((handle) => handle !== null);
}

function valueText(value: unknown): string {
  if (isAbsent(value)) return 'null';
  const text = writeJson(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1).toWellFormed()}…` : text;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
