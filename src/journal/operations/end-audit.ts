/** Records that an operator's order was carried out, and for how many deliveries. */
import type { Operation } from '../operation.ts';
import { statement } from '../statement.ts';

export const endAudit: Operation<[seq: number, deliveries: number], void> = {
  writes: true,
  async run(connection, seq, deliveries) {
    await connection.changes(end, { seq, deliveries });
  },
};

const end = statement<{ seq: number; deliveries: number }>((param, { db }) =>
  db
    .updateTable('audit')
    .set({ deliveries: param('deliveries') })
    .where('seq', '=', param('seq')),
);
