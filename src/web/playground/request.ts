/** From what is being tried to what the relay is asked. */
import { writeJson } from '../../core/json.ts';
import type { PlaygroundMaterials, RunView } from '../../dry-run/playground/view.ts';
import { type Draft, type EventDraft, isoOf } from './draft.ts';

/** The first sample there is, where nothing was chosen. */
export function chosenEvent({ event }: Draft, { sources }: PlaygroundMaterials): EventDraft {
  if (event !== null) return event;
  const source = sources.find(({ topics }) => topics.length > 0);
  if (source === undefined) return { kind: 'own', source: sources[0]?.name ?? '' };
  return { kind: 'sample', source: source.name, topic: source.topics[0] ?? '', story: 0 };
}

export interface Asked {
  readonly draft: Draft;
  readonly materials: PlaygroundMaterials;
  /** The name of the template that is edited; null before any is. */
  readonly template: string | null;
  /** Of an event of the journal, once it is known. */
  readonly source: string | null;
}

export function requestOf({ draft, materials, template, source }: Asked): string {
  const at = isoOf(draft.at);
  const text = template === null ? null : textOf(template, draft, materials);
  return JSON.stringify({
    event: eventOf(draft, chosenEvent(draft, materials), source),
    ...(template !== null && text !== null && { template: { name: template, text } }),
    ...(draft.routes !== null && { routes: { text: draft.routes, line: materials.routes?.line ?? 1 } }),
    ...(at !== '' && { at }),
  });
}

function eventOf({ body }: Draft, event: EventDraft, source: string | null): object {
  if (event.kind === 'own') return { source: event.source, body: body ?? '' };
  if (event.kind === 'sample') {
    const { source: sender, topic, story } = event;
    return body === null ? { source: sender, topic, story } : { source: sender, body };
  }
  if (body === null) return { number: event.number };
  // Without its source the relay finds out, as far as that is possible.
  return source === null ? { body } : { source, body };
}

/** The text of a template, as it is edited or as its file has it; empty for a new one. */
export function textOf(name: string, { texts }: Draft, { templates }: PlaygroundMaterials): string {
  return texts[name] ?? templates.find((template) => template.name === name)?.text ?? '';
}

/** The body that a run read, as JSON to be edited. */
export function bodyOf({ event: { payload } }: RunView): string {
  return typeof payload === 'string' ? payload : writeJson(payload, 2);
}

/** The template of the first message that an event becomes. */
export function firstTemplate(run: RunView): string | null {
  const deliveries = run.routes.flatMap((route) => route.deliveries);
  return deliveries.find(({ template }) => template !== undefined)?.template ?? null;
}
