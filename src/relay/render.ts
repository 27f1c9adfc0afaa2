/** Rendering for a delivery: people are looked up first, so that a mention in a message is a mention. */
import type { Storm } from '../core/delivery.ts';
import type { Person, RelayEvent } from '../core/event.ts';
import type { RenderedMessage } from '../core/message.ts';
import { type Outcome, refused, sent } from '../core/outcome.ts';
import type { TextContext } from '../language/text.ts';
import { STEPS, TOO_MUCH_WORK, WorkBudget } from '../language/work.ts';
import type { People } from '../slack/people.ts';
import { type MessageTemplate, TemplateError, type TemplateSet } from '../templates/template.ts';
import { WorkTurns } from './work-turns.ts';

/** Slack takes 50; the last place is the note's. */
const BLOCKS_BESIDE_NOTE = 49;

/** What a message is about. */
export interface Occasion {
  readonly event: RelayEvent;
  /** What a threshold counted, which the message then says too. */
  readonly storm: Storm | null;
}

export type Render = (template: string, occasion: Occasion) => Promise<Outcome<RenderedMessage>>;

/** A template that is gone or cannot be rendered is a refused payload: trying again would not help. */
export function createRender(templates: TemplateSet, people: Pick<People, 'known' | 'resolve'>): Render {
  const turns = new WorkTurns();

  /** With a budget of its own: what a first rendering spent is not missing in a second. Throws TemplateError. */
  async function rendered(template: MessageTemplate, event: RelayEvent, context: TextContext) {
    for (let full = turns.full(); full !== null; full = turns.full()) await full;
    const work = new WorkBudget(STEPS.message);
    try {
      return template.render(event, context, work);
    } finally {
      turns.spent(work.spent);
    }
  }

  return async (name, { event, storm }) => {
    const template = templates.get(name);
    if (template === undefined) {
      return refused('payload', 'template_missing', `There is no template "${name}" any more.`);
    }
    const unasked = new Set<Person | string>();
    const mention = (who: Person | string): string | undefined => {
      const id = people.known(who);
      if (id === undefined) unasked.add(who);
      return id ?? undefined;
    };
    try {
      const message = await rendered(template, event, { mention });
      if (unasked.size === 0) return sent(withStorm(message, storm));
      // A look-up that fails leaves the name instead of the mention; a message is not held back for that.
      await Promise.all([...unasked].map((who) => people.resolve(who)));
      return sent(withStorm(await rendered(template, event, { mention }), storm));
    } catch (error) {
      if (error instanceof TemplateError && error.exceeded) return refused('payload', TOO_MUCH_WORK, error.message);
      const detail = error instanceof Error ? error.message : String(error);
      return refused('payload', 'template_failed', `The template "${name}" cannot be rendered: ${detail}`);
    }
  };
}

/** How often it happened and since when, below what the template says. */
function withStorm(message: RenderedMessage, storm: Storm | null): RenderedMessage {
  if (storm === null) return message;
  const since = new Date(storm.since).toISOString();
  const note = `_${storm.count} times since <!date^${Math.floor(storm.since / 1000)}^{time}|${since}>_`;
  const { text, summary, blocks } = message;
  const block = { type: 'context', elements: [{ type: 'mrkdwn', text: note }] };
  return {
    text: `${text}\n${note}`,
    summary: `${summary} (${storm.count} times)`,
    ...(blocks !== undefined && { blocks: [...blocks.slice(0, BLOCKS_BESIDE_NOTE), block] }),
  };
}
