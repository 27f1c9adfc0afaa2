/** Records an operator's order before it is carried out, so that nothing is done without a line of who did it. */
import type { Actor } from '../../core/actor.ts';
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

export interface NewAuditEntry extends Actor {
  /** ms since the epoch. */
  readonly at: number;
  readonly action: 'replay' | 'dismiss';
  /** As the operator gave it; nothing proves it. */
  readonly name: string | null;
  /** JSON: which deliveries. */
  readonly selection: string;
  /** Why, where that was asked for. */
  readonly reason: string | null;
}

/** Returns the entry's number, for `endAudit`. */
export const beginAudit: Operation<[NewAuditEntry], number> = {
  writes: true,
  async run(connection, entry) {
    const [stored] = await connection.rows(store, entry);
    if (stored === undefined) throw new Error('the database returned no number for a stored audit entry');
    return stored.seq;
  },
};

const store = statement<NewAuditEntry, { seq: number }>((param, { db }) =>
  db
    .insertInto('audit')
    .values({
      at: param('at'),
      action: param('action'),
      role: param('role'),
      via: param('via'),
      address: param('address'),
      name: param('name'),
      selection: param('selection'),
      reason: param('reason'),
    })
    .returning('seq'),
);
