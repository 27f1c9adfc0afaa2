/** Changes an unfinished delivery, which is refused for one that has already ended. */
import type { RawBuilder } from 'kysely';
import { UNFINISHED } from '../conditions.ts';
import type { Target } from '../statement.ts';

export function updateUnfinished({ db }: Target, seq: RawBuilder<number>) {
  return db.updateTable('deliveries').where('seq', '=', seq).where(UNFINISHED);
}

export const ENDED = 'is held, or has already ended';

/** @throws where no row was changed, so that the whole transaction is rolled back. */
export function assertChanged(rows: number, seq: number, why: string): void {
  if (rows === 0) throw new Error(`delivery ${seq} does not exist or ${why}`);
}
