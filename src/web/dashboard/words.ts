/** What the relay's names are called on the page. */
import type { DeliveryState } from '../../core/delivery.ts';

/** How something is: its colour and its mark, never without a word beside them. */
export type Tone = 'good' | 'waiting' | 'warning' | 'bad' | 'quiet';

interface StateWords {
  readonly word: string;
  readonly tone: Tone;
  readonly meaning: string;
}

/** In the order in which they are told: what needs somebody comes first. */
export const STATES: Readonly<Record<DeliveryState, StateWords>> = {
  dead: { word: 'dead', tone: 'bad', meaning: 'It did not arrive, and is not tried again by itself.' },
  parked: { word: 'parked', tone: 'warning', meaning: 'It may be in Slack or not: somebody has to look.' },
  pending: { word: 'waiting', tone: 'waiting', meaning: 'Its turn has not come, or it is tried again later.' },
  sending: { word: 'sending', tone: 'waiting', meaning: 'Slack is being asked right now.' },
  held: { word: 'held', tone: 'waiting', meaning: 'Quiet hours hold it back.' },
  sent: { word: 'sent', tone: 'good', meaning: 'It is in Slack.' },
  merged: { word: 'merged', tone: 'good', meaning: 'It went out in a message with others.' },
  dismissed: { word: 'dismissed', tone: 'quiet', meaning: 'It did not arrive, and an operator dismissed it.' },
  superseded: { word: 'superseded', tone: 'quiet', meaning: 'The card showed something newer already.' },
};

export const STATE_NAMES: readonly DeliveryState[] = Object.keys(STATES).filter(isState);

export function isState(name: string): name is DeliveryState {
  return Object.hasOwn(STATES, name);
}

export function toneOf(outcome: string): Tone {
  if (isState(outcome)) return STATES[outcome].tone;
  return outcome === 'retry' ? 'waiting' : 'quiet';
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1 delivery`, `2 deliveries`. */
export function many(number: number, one: string, more = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : more}`;
}

export function bytes(number: number): string {
  if (number < 1024) return many(number, 'byte');
  const kib = number / 1024;
  return kib < 1024 ? `${kib.toFixed(kib < 10 ? 1 : 0)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

/** A duration, in two units at most: `340 ms`, `4.2 s`, `3 min`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1) return ms <= 0 ? '0 ms' : '< 1 ms';
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (Math.round(seconds) < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** Characters that show as nothing, or turn what follows them around; not the joiner of emoji. */
const UNSEEN = /(?![\n\t\u200d])[\p{Cc}\p{Cf}]/gu;

/** Text from outside, with what would hide in it made visible. */
export function seen(text: string): string {
  const marked = text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `⟨${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
  return marked.toWellFormed();
}
