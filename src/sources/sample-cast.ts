/** The people and places that samples are about. All invented; example.com and +33 1 99 00 … belong to nobody. */
import { HOUR_MS } from '../core/clock.ts';

export interface CastMember {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export const STAFF: readonly CastMember[] = [
  { id: 'usr_maria', name: 'Maria Santos', email: 'maria@example.com' },
  { id: 'usr_jonas', name: 'Jonas Weber', email: 'jonas@example.com' },
  { id: 'usr_aisha', name: 'Aisha Khan', email: 'aisha@example.com' },
  { id: 'usr_luc', name: 'Luc Moreau', email: 'luc@example.com' },
  { id: 'usr_mei', name: 'Mei Tanaka', email: 'mei@example.com' },
];

export const BOT = { id: 'bot_sla', name: 'SLA Watch', email: null, kind: 'bot' } as const;

export interface Customer {
  readonly first: string;
  readonly last: string;
  readonly email: string;
  readonly number: string;
  readonly company: string;
}

export const CUSTOMERS: readonly Customer[] = [
  { first: 'Marie', last: 'Dupont', email: 'marie@example.org', number: '+33199005678', company: 'Acme Logistics' },
  { first: 'Tom', last: 'Becker', email: 'tom@example.org', number: '+33199004411', company: 'Nordwind Hotels' },
  { first: 'Inès', last: 'Garnier', email: 'ines@example.org', number: '+33199007720', company: 'Atelier Garnier' },
  { first: 'Samuel', last: 'Osei', email: 'samuel@example.org', number: '+33199003096', company: 'Blue Harbour Foods' },
];

/** The list's entry for an index, over and over. The list is not empty. */
export function pick<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new RangeError('Nothing to pick from.');
  return found;
}

/** ISO 8601, some hours after `nowMs` (before it, if negative). */
export function hoursFrom(nowMs: number, hours: number): string {
  return new Date(nowMs + hours * HOUR_MS).toISOString();
}
