/** Who gives an order, such as a replay, as far as that is known. */

/** What may be done: everything, or everything but to change something. */
export type Role = 'operator' | 'read-only';

export interface Actor {
  readonly role: Role;
  /** A page of the dashboard, a command, another client of the admin API, or a command on the journal itself. */
  readonly via: 'dashboard' | 'command' | 'api' | 'journal';
  /** The client's; null where the journal itself was opened. */
  readonly address: string | null;
}
