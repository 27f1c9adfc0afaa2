/** A message template: an event in, a message within Slack's limits out. */

import { isAbsent } from '../core/absent.ts';
import type { RelayEvent } from '../core/event.ts';
import type { Block, RenderedMessage } from '../core/message.ts';
import type { Place } from '../core/problem.ts';
import type { TextContext } from '../language/text.ts';
import { STEPS, WorkBudget } from '../language/work.ts';
import { colorOf } from '../slack-format/color.ts';
import { cut, oneLine } from '../slack-format/cut.ts';
import { escapeMrkdwn } from '../slack-format/escape.ts';
import { LONGEST_TEXT_OBJECT, MESSAGE_LIMITS } from '../slack-format/limits.ts';
import { fitBlocks, isFields, isTextObject } from './fit.ts';
import { evaluate, evaluateItems, type Item, type Node, NodeError, type Rendering, type Scope } from './tree.ts';

export interface MessageTemplate {
  readonly name: string;
  readonly file: string;
  /** Handles of user groups that it mentions by name, such as `@support`. */
  readonly groups: readonly string[];
  /** Always a message that says something, within every limit. `work`: what it may cost. Throws TemplateError. */
  render(event: RelayEvent, context: TextContext, work?: WorkBudget): RenderedMessage;
}

export type TemplateSet = ReadonlyMap<string, MessageTemplate>;

/** A render that did not end well: beyond its work or memory, or a filter that could not take its input. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly template: string;
  readonly place: Place;
  readonly reason: string;
  /** It was too much work. */
  readonly exceeded: boolean;

  constructor(template: string, place: Place, { reason, exceeded }: { reason: string; exceeded: boolean }) {
    const remedy = exceeded ? ' Loop over fewer items, such as {% for … limit: 20 %}, or nest loops less.' : '';
    const where = `${place.file}:${place.line}:${place.column}`;
    super(`Template "${template}" cannot be rendered (${where}): ${reason}.${remedy}`);
    this.template = template;
    this.place = place;
    this.reason = reason;
    this.exceeded = exceeded;
  }
}

/** A template's compiled parts. */
export interface TemplateParts {
  readonly text?: Node;
  readonly summary?: Node;
  readonly blocks?: readonly Item[];
  readonly color?: Node;
}

export function messageTemplate(parts: TemplateParts, about: Omit<MessageTemplate, 'render'>): MessageTemplate {
  return {
    ...about,
    render(event, context, work = new WorkBudget(STEPS.message)) {
      try {
        return render(parts, event, { context, work });
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        const failure = { reason: error.message, exceeded: work.exceeded };
        throw new TemplateError(about.name, error.place, failure);
      }
    },
  };
}

function render(parts: TemplateParts, event: RelayEvent, rendering: Rendering): RenderedMessage {
  const scope: Scope = { text: { event: withoutAbsent(event) }, conditions: { event } };
  const textOf = (node: Node | undefined) => (node === undefined ? '' : String(evaluate(node, scope, rendering)));
  const { values, skipped } = evaluateItems(parts.blocks ?? [], scope, rendering);
  const blocks = fitBlocks(values, skipped);
  const written = cut(textOf(parts.text).trim(), MESSAGE_LIMITS.text, 'mrkdwn');
  const line = oneLine(textOf(parts.summary)) || firstLine(written) || firstTextOf(blocks) || nameOf(event);
  const summary = cut(line, MESSAGE_LIMITS.summary, 'mrkdwn');
  const text = written || summary;
  const color = colorOf(textOf(parts.color));
  const shown = color !== null && blocks.length === 0 ? [section(text)] : blocks;
  return { text, ...(shown.length > 0 && { blocks: shown }), ...(color !== null && { color }), summary };
}

/** Slack draws the bar beside blocks only. */
function section(text: string): Block {
  const shown = cut(text, LONGEST_TEXT_OBJECT, 'mrkdwn');
  return { type: 'section', text: { type: 'mrkdwn', text: shown, verbatim: true } };
}

/** In text an absent person, action or message is null: `{% if event.actor %}` and `default` work as they read. */
function withoutAbsent(event: RelayEvent) {
  const { actor, action, message } = event;
  const author = isAbsent(message.author) ? null : message.author;
  return {
    ...event,
    actor: isAbsent(actor) ? null : actor,
    action: isAbsent(action) ? null : action,
    message: isAbsent(message) ? null : { ...message, author },
  };
}

function firstLine(text: string): string {
  return oneLine(text.split('\n').find((line) => line.trim() !== '') ?? '');
}

/** What a reader sees first; text that is plain in its block is mrkdwn in a notification. */
function firstTextOf(values: readonly unknown[]): string {
  for (const value of values) {
    if (isTextObject(value)) return firstLine(value.type === 'mrkdwn' ? value.text : escapeMrkdwn(value.text));
    if (!isFields(value)) continue;
    const inner = [value.text, value.fields, value.elements].flat();
    const text = value.type === 'button' ? '' : firstTextOf(inner);
    if (text !== '') return text;
  }
  return '';
}

/** When everything rendered empty: Slack takes no message that says nothing. */
function nameOf(event: RelayEvent): string {
  return oneLine(escapeMrkdwn(event.topic)) || oneLine(escapeMrkdwn(event.source)) || 'An event';
}
