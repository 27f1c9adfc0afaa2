/** Rendering for a delivery: people are looked up first, so that a mention in a message is a mention. */
import type { Person, RelayEvent } from '../core/event.ts';
import type { RenderedMessage } from '../core/message.ts';
import { type Outcome, refused, sent } from '../core/outcome.ts';
import type { People } from '../slack/people.ts';
import type { TemplateSet } from '../templates/template.ts';

export type Render = (template: string, event: RelayEvent) => Promise<Outcome<RenderedMessage>>;

/** A template that is gone or cannot be rendered is a refused payload: trying again would not help. */
export function createRender(templates: TemplateSet, people: Pick<People, 'known' | 'resolve'>): Render {
  return async (name, event) => {
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
      const message = template.render(event, { mention });
      if (unasked.size === 0) return sent(message);
      // A look-up that fails leaves the name instead of the mention; a message is not held back for that.
      await Promise.all([...unasked].map((who) => people.resolve(who)));
      return sent(template.render(event, { mention }));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return refused('payload', 'template_failed', `The template "${name}" cannot be rendered: ${detail}`);
    }
  };
}
