import { type ReactNode, useId } from 'react';
import type { PlaygroundMaterials, RecentEvent } from '../../dry-run/playground/view.ts';
import { seen } from '../dashboard/words.ts';
import type { EventDraft } from './draft.ts';

interface EventFieldsProps {
  readonly event: EventDraft;
  readonly materials: PlaygroundMaterials;
  readonly onChoose: (event: EventDraft) => void;
}

const KINDS = { sample: 'A sample', number: 'One that came in', own: 'A body of my own' } as const;

/** Which event: a sample, one of the journal, or one's own. */
export function EventFields({ event, materials, onChoose }: EventFieldsProps): ReactNode {
  return (
    <div className="play-fields">
      <Select
        label="Try"
        value={event.kind}
        options={Object.entries(KINDS)}
        onChange={(kind) => onChoose(firstOf(kind, event, materials))}
      />
      {event.kind === 'sample' && <SampleFields event={event} materials={materials} onChoose={onChoose} />}
      {event.kind === 'number' && <NumberFields number={event.number} materials={materials} onChoose={onChoose} />}
      {event.kind === 'own' && (
        <Select
          label="Sent by"
          value={event.source}
          options={materials.sources.map(({ name }) => [name, name])}
          onChange={(source) => onChoose({ kind: 'own', source })}
        />
      )}
    </div>
  );
}

function firstOf(kind: string, event: EventDraft, { sources, recent }: PlaygroundMaterials): EventDraft {
  const source = event.kind === 'number' ? sources[0]?.name : event.source;
  if (kind === 'number') return { kind, number: recent[0]?.number ?? 1 };
  if (kind === 'own') return { kind, source: source ?? '' };
  const sampled = sources.find(({ name }) => name === source) ?? sources[0];
  return { kind: 'sample', source: sampled?.name ?? '', topic: sampled?.topics[0] ?? '', story: 0 };
}

function SampleFields({
  event,
  materials: { sources },
  onChoose,
}: Omit<EventFieldsProps, 'event'> & { readonly event: Extract<EventDraft, { kind: 'sample' }> }) {
  const { source, topic, story } = event;
  const id = useId();
  const topics = sources.find(({ name }) => name === source)?.topics ?? [];
  const sendBy = (name: string) => {
    const first = sources.find((one) => one.name === name)?.topics[0] ?? '';
    onChoose({ ...event, source: name, topic: first });
  };
  return (
    <>
      <Select label="Sent by" value={source} options={sources.map(({ name }) => [name, name])} onChange={sendBy} />
      <Select
        label="Topic"
        value={topic}
        options={topics.map((one) => [one, one])}
        onChange={(chosen) => onChoose({ ...event, topic: chosen })}
      />
      <p className="play-field play-field-short">
        <label htmlFor={id}>Story</label>
        <input
          id={id}
          type="number"
          min={0}
          max={999}
          value={story}
          onChange={({ target }) => onChoose({ ...event, story: wholeOf(target.value, 999) })}
        />
      </p>
    </>
  );
}

function NumberFields({
  number,
  materials: { recent },
  onChoose,
}: Omit<EventFieldsProps, 'event'> & { readonly number: number }) {
  const id = useId();
  const known = recent.some((event) => event.number === number);
  const others: [string, string][] = known ? [] : [[String(number), `#${number}`]];
  return (
    <>
      <Select
        label="Lately"
        value={String(number)}
        options={[...others, ...recent.map((event): [string, string] => [String(event.number), nameOf(event)])]}
        onChange={(chosen) => onChoose({ kind: 'number', number: Number(chosen) })}
      />
      <p className="play-field play-field-short">
        <label htmlFor={id}>Number</label>
        <input
          id={id}
          type="number"
          min={1}
          value={number}
          onChange={({ target }) =>
            onChoose({ kind: 'number', number: wholeOf(target.value, Number.MAX_SAFE_INTEGER) })
          }
        />
      </p>
    </>
  );
}

function nameOf({ number, topic, subject }: RecentEvent): string {
  return `#${number} ${seen(topic)}${subject === null ? '' : ` · ${seen(subject)}`}`;
}

function wholeOf(written: string, most: number): number {
  return Math.min(most, Math.max(0, Math.trunc(Number(written)) || 0));
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly onChange: (value: string) => void;
}

export function Select({ label, value, options, onChange }: SelectProps): ReactNode {
  const id = useId();
  const known = options.some(([key]) => key === value);
  return (
    <p className="play-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {!known && <option value={value}>{value}</option>}
        {options.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </p>
  );
}
