import { type ReactNode, useId } from 'react';
import type { PlaygroundMaterials, PlaygroundProblem } from '../../dry-run/playground/view.ts';
import type { Draft, EventDraft } from './draft.ts';
import { Editor } from './editor.tsx';
import { EventFields } from './event-fields.tsx';

interface EventPanelProps {
  readonly event: EventDraft;
  readonly draft: Draft;
  readonly materials: PlaygroundMaterials;
  /** Of the event as it is; null while that is not known. */
  readonly original: string | null;
  readonly problems: readonly PlaygroundProblem[];
  readonly onChange: (changes: Partial<Draft>) => void;
}

export function EventPanel({ event, draft, materials, original, problems, onChange }: EventPanelProps): ReactNode {
  const { body, at } = draft;
  const id = useId();
  const own = event.kind === 'own';
  const text = body ?? (own ? '' : (original ?? ''));
  const choose = (chosen: EventDraft) => {
    // Whoever begins a body of their own has something to begin with.
    onChange({ event: chosen, body: chosen.kind === 'own' ? text || '{}' : null });
  };
  return (
    <section className="play-panel" aria-label="Event">
      <h2>Event</h2>
      <EventFields event={event} materials={materials} onChoose={choose} />
      <p className="play-field">
        <label htmlFor={id}>As if it came in at</label>
        <input id={id} type="datetime-local" value={at} onChange={({ target }) => onChange({ at: target.value })} />
      </p>
      <Editor
        label="Body of the event, JSON"
        value={text}
        problems={problems}
        onChange={(changed) => onChange({ body: !own && changed === original ? null : changed })}
      />
      {!own && body !== null && (
        <p className="play-changed">
          The body was changed.{' '}
          <button type="button" className="button button-small" onClick={() => onChange({ body: null })}>
            Back to the event as it is
          </button>
        </p>
      )}
    </section>
  );
}
