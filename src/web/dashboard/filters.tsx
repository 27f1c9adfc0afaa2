import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { addressOf, type Filter, type FilterName, setFilters, without } from './filter.ts';
import { SEARCH_ID } from './keys.ts';
import { goTo, replaceBy } from './place.ts';
import { exact } from './when.tsx';
import { isState, STATE_NAMES, STATES, seen } from './words.ts';

/** A pause in typing. */
const TYPED_MS = 350;

const NAMES: Readonly<Record<FilterName, string>> = {
  text: 'Text',
  state: 'State',
  source: 'Source',
  topic: 'Topic',
  subject: 'Subject',
  channel: 'Channel',
  since: 'From',
  until: 'Until',
};

const MORE = ['source', 'topic', 'subject', 'channel', 'since', 'until'] as const;
const EXAMPLES: Readonly<Partial<Record<FilterName, string>>> = {
  source: 'alo',
  topic: 'action_*',
  channel: '#alo-actions',
};

export function Filters({ filter }: { readonly filter: Filter }): ReactNode {
  const set = setFilters(filter);
  const [open, setOpen] = useState(MORE.some((name) => filter[name] !== undefined));
  const change = (name: FilterName, value: string, typing = false) => {
    const to = addressOf({ ...without(filter, name), ...(value === '' ? {} : { [name]: value }) });
    if (typing) replaceBy(to);
    else goTo(to);
  };
  return (
    <search className="filters">
      <div className="filters-line">
        <Typed
          id={SEARCH_ID}
          label="Search the events"
          type="search"
          placeholder="Search id, subject or content"
          value={filter.text ?? ''}
          change={(value) => change('text', value, true)}
        />
        <StateSelect value={filter.state ?? ''} change={(value) => change('state', value)} />
        <button type="button" className="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          Filters
        </button>
      </div>
      {open && (
        <div className="filters-more">
          {MORE.map((name) => (
            <More key={name} name={name} value={filter[name] ?? ''} change={change} />
          ))}
        </div>
      )}
      {set.length > 0 && (
        <ul className="filters-set" aria-label="Filters in force">
          {set.map(({ name, value }) => (
            <li key={name}>
              <a href={addressOf(without(filter, name))} className="filter-chip">
                <span className="only-read">Take away: </span>
                {NAMES[name]}: <b>{shown(name, value)}</b> <span aria-hidden="true">×</span>
              </a>
            </li>
          ))}
          {set.length > 1 && (
            <li>
              <a href={addressOf({})}>Clear all</a>
            </li>
          )}
        </ul>
      )}
    </search>
  );
}

function StateSelect({ value, change }: { readonly value: string; readonly change: (value: string) => void }) {
  return (
    <select aria-label="State" value={value} onChange={(event) => change(event.currentTarget.value)}>
      <option value="">Any state</option>
      {STATE_NAMES.map((state) => (
        <option key={state} value={state}>
          {STATES[state].word}
        </option>
      ))}
      {value !== '' && !isState(value) && <option value={value}>{value}</option>}
    </select>
  );
}

interface MoreProps {
  readonly name: (typeof MORE)[number];
  readonly value: string;
  readonly change: (name: FilterName, value: string, typing?: boolean) => void;
}

function More({ name, value, change }: MoreProps) {
  const id = useId();
  const time = name === 'since' || name === 'until';
  return (
    <div className="filter-field">
      <label htmlFor={id}>{NAMES[name]}</label>
      {time ? (
        <input
          id={id}
          type="datetime-local"
          value={localOf(value)}
          onChange={(event) => change(name, isoOf(event.currentTarget.value))}
        />
      ) : (
        <Typed
          id={id}
          type="text"
          value={value}
          placeholder={EXAMPLES[name] ?? ''}
          change={(typed) => change(name, typed, true)}
        />
      )}
    </div>
  );
}

interface TypedProps {
  readonly id: string;
  readonly label?: string;
  readonly type: 'text' | 'search';
  readonly placeholder: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

/** A field that says what it holds after a pause in typing, or at Enter. */
function Typed({ id, label, type, placeholder, value, change }: TypedProps) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    setText(value);
    return () => clearTimeout(timer.current);
  }, [value]);
  const say = (typed: string, afterMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => typed.trim() !== value && change(typed.trim()), afterMs);
  };
  return (
    <input
      id={id}
      type={type}
      aria-label={label}
      placeholder={placeholder}
      value={text}
      autoComplete="off"
      spellCheck={false}
      maxLength={200}
      onChange={(event) => {
        setText(event.currentTarget.value);
        say(event.currentTarget.value, TYPED_MS);
      }}
      onKeyDown={(event) => event.key === 'Enter' && say(text, 0)}
    />
  );
}

function shown(name: FilterName, value: string): string {
  if (name !== 'since' && name !== 'until') return seen(value);
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? value : exact(ms);
}

/** A field's time is the reader's; the listener's is UTC. */
function isoOf(local: string): string {
  const ms = Date.parse(local);
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
}

function localOf(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return '';
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
