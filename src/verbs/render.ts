/**
 * Rendering for a delivery: people are looked up first, so that a mention in a message is a mention. A message waits for
 * that as it waits for Slack to take it: as long as Slack asks to, and for a few attempts where Slack cannot be reached.
 * Then, where Slack knows nobody or does not say, and behind the first people of a message, it has the name instead.
 */
import type { ThresholdHit } from '../core/delivery.ts';
import type { Person, RelayEvent } from '../core/event.ts';
import type { RenderedMessage } from '../core/message.ts';
import { type Outcome, refused, sent } from '../core/outcome.ts';
import type { TextContext } from '../language/text.ts';
import { STEPS, TOO_MUCH_WORK, WorkBudget } from '../language/work.ts';
import { WorkTurns } from '../language/work-turns.ts';
import type { People } from '../slack/people.ts';
import { colorOf } from '../slack-format/color.ts';
import { type MessageTemplate, TemplateError, type TemplateSet } from '../templates/template.ts';

/** Slack takes 50; the last place is the note's. */
const BLOCKS_BESIDE_NOTE = 49;

/** Of those that a message mentions, Slack is asked for so many. */
const MOST_LOOKED_UP = 50;
/** Attempts that may fail because somebody could not be looked up. */
const MENTIONS_TRIED = 3;

/** What a message is about. */
export interface Occasion {
  readonly event: RelayEvent;
  /** What a threshold counted, which the message then says too. */
  readonly thresholdHit: ThresholdHit | null;
  /** Of the delivery; left out in a dry run. */
  readonly attempts?: number;
  /** The same, ms since the epoch. */
  readonly acceptedAt?: number;
}

/** A message of a delivery. */
export interface About extends Occasion {
  readonly acceptedAt: number;
  readonly attempts: number;
}

export type Render = (template: string, occasion: Occasion) => Promise<Outcome<RenderedMessage>>;

/** From a value in lower case, such as a status or a priority, to its colour as Slack takes it (`colors` of the config). */
export type Colors = ReadonlyMap<string, string>;

/** A template that is gone or cannot be rendered is a refused payload: trying again would not help. */
export function createRender(
  templates: TemplateSet,
  people: Pick<People, 'known' | 'lookUp' | 'laneKey'>,
  colors: Colors = new Map(),
): Render {
  const turns = new WorkTurns();
  const color = (value: string) => colors.get(value.trim().toLowerCase()) ?? colorOf(value) ?? undefined;

  /** With a budget of its own: what a first rendering spent is not missing in a second. Throws TemplateError. */
  async function rendered(template: MessageTemplate, event: RelayEvent, context: TextContext) {
    while (turns.full) await turns.next();
    const work = new WorkBudget(STEPS.message);
    try {
      return template.render(event, context, work);
    } finally {
      turns.spent(work.spent);
    }
  }

  return async (name, { event, thresholdHit, attempts = 0, acceptedAt = 0 }) => {
    const template = templates.get(name);
    if (template === undefined) {
      return refused('payload', 'template_missing', `There is no template "${name}" any more.`);
    }
    const since = nobodySince({ event, acceptedAt });
    const first = new Set<string>();
    const unasked = new Map<string, Person | string>();
    const mention = (who: Person | string): string | undefined => {
      const key = people.laneKey(who);
      if (first.size < MOST_LOOKED_UP) first.add(key);
      const id = people.known(who, since);
      if (id === undefined && first.has(key)) unasked.set(key, who);
      return id ?? undefined;
    };
    try {
      const message = await rendered(template, event, { mention, color });
      if (unasked.size === 0) return sent(withThresholdHit(message, thresholdHit));
      const later = await people.lookUp(unasked.values(), since);
      if (later !== null && (later.limited || attempts < MENTIONS_TRIED)) return later;
      return sent(withThresholdHit(await rendered(template, event, { mention, color }), thresholdHit));
    } catch (error) {
      if (error instanceof TemplateError && error.exceeded) return refused('payload', TOO_MUCH_WORK, error.message);
      const detail = error instanceof Error ? error.message : String(error);
      return refused('payload', 'template_failed', `The template "${name}" cannot be rendered: ${detail}`);
    }
  };
}

/**
 * Since when it counts that Slack knows nobody, ms since the epoch. What a replay made, later than its event came, asks
 * again: somebody may have been added to Slack because of it.
 */
export function nobodySince({ event, acceptedAt = 0 }: Pick<Occasion, 'event' | 'acceptedAt'>): number {
  return acceptedAt > Date.parse(event.received_at) ? acceptedAt : 0;
}

/** How often it happened and since when, below what the template says. */
function withThresholdHit(message: RenderedMessage, thresholdHit: ThresholdHit | null): RenderedMessage {
  if (thresholdHit === null) return message;
  const since = new Date(thresholdHit.since).toISOString();
  const note = `_${thresholdHit.count} times since <!date^${Math.floor(thresholdHit.since / 1000)}^{time}|${since}>_`;
  const { text, summary, blocks } = message;
  const block = { type: 'context', elements: [{ type: 'mrkdwn', text: note }] };
  return {
    ...message,
    text: `${text}\n${note}`,
    summary: `${summary} (${thresholdHit.count} times)`,
    ...(blocks !== undefined && { blocks: [...blocks.slice(0, BLOCKS_BESIDE_NOTE), block] }),
  };
}
