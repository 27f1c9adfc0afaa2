import type { ReactNode } from 'react';
import type { DeliveryState } from '../../core/delivery.ts';
import { count, isState, STATE_NAMES, STATES, type Tone } from './words.ts';

const MARKS: Readonly<Record<Tone, string>> = {
  good: 'M3.5 8.5 6.5 11.5 12.5 4.5',
  waiting: 'M8 4v4.2l2.6 1.6M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8',
  warning: 'M5.5 4v8M10.5 4v8',
  bad: 'M4 4l8 8M12 4l-8 8',
  quiet: 'M4 8h8',
};

export function Mark({ tone }: { readonly tone: Tone }): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 16 16" aria-hidden="true">
      <path d={MARKS[tone]} />
    </svg>
  );
}

export function Chip({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactNode {
  return (
    <span className={`chip tone-${tone}`}>
      <Mark tone={tone} />
      {children}
    </span>
  );
}

export function StateChip({ state }: { readonly state: DeliveryState }): ReactNode {
  const { word, tone } = STATES[state];
  return <Chip tone={tone}>{word}</Chip>;
}

/** How many deliveries of an event are in which state; what needs somebody first. */
export function StateChips({ states }: { readonly states: Readonly<Partial<Record<DeliveryState, number>>> }) {
  const present = STATE_NAMES.filter((state) => (states[state] ?? 0) > 0);
  if (present.length === 0) return <Chip tone="quiet">no delivery</Chip>;
  return present.map((state) => {
    const { word, tone } = STATES[state];
    const number = states[state] ?? 0;
    return (
      <Chip key={state} tone={tone}>
        {number > 1 ? `${count(number)} ${word}` : word}
      </Chip>
    );
  });
}

/** An outcome of an attempt: a state, or that it was put off. */
export function OutcomeChip({ outcome, tone }: { readonly outcome: string; readonly tone: Tone }): ReactNode {
  const word = isState(outcome) ? STATES[outcome].word : outcome === 'retry' ? 'tried again later' : outcome;
  return <Chip tone={tone}>{word}</Chip>;
}
