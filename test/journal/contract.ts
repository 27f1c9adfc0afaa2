/** What every journal driver promises (src/journal/contract.ts), as one suite. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal } from '../../src/journal/contract.ts';
import { accountsContract } from './contract-accounts.ts';
import { auditContract } from './contract-audit.ts';
import { cardsContract } from './contract-cards.ts';
import { contentContract } from './contract-content.ts';
import { failuresContract } from './contract-failures.ts';
import { inspectionContract } from './contract-inspection.ts';
import { lanesContract } from './contract-lanes.ts';
import { listsContract } from './contract-lists.ts';
import { mergeContract } from './contract-merge.ts';
import { minutesContract } from './contract-minutes.ts';
import { pruneContract } from './contract-prune.ts';
import { restoredContract } from './contract-restored.ts';
import { thresholdContract } from './contract-thresholds.ts';
import { unmadeContract } from './contract-unmade.ts';
import { receipt, type Subject } from './samples.ts';

export function journalContract(driver: string, open: (path: string) => Promise<Journal>): void {
  describe(driver, () => {
    let folder: string;
    let journal: Journal;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'journal-'));
      journal = await open(join(folder, 'relay.db'));
    });

    afterEach(async () => {
      await journal.close();
      await rm(folder, { recursive: true });
    });

    const reopen = async () => {
      await journal.close();
      journal = await open(join(folder, 'relay.db'));
    };

    const subject: Subject = { journal: () => journal, reopen };
    lanesContract(subject);
    mergeContract(subject);
    thresholdContract(subject);
    unmadeContract(subject);
    accountsContract(subject);
    failuresContract(subject);
    pruneContract(subject);
    restoredContract(subject);
    inspectionContract(subject);
    listsContract(subject);
    cardsContract(subject);
    minutesContract(subject);
    contentContract(subject);
    auditContract(subject);

    test('a write that cannot be made fails alone, whole, and the next ones go on', async () => {
      const poison = receipt({ key: 'poison', receivedAt: Number.NaN });
      const outcomes = await Promise.allSettled(
        [receipt({ key: 'a' }), poison, receipt({ key: 'b' })].map((given) => journal.accept(given)),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(outcomes[1]).toMatchObject({ reason: { name: 'JournalError', code: 'journal-refused' } });
      expect((await journal.next('#ops', 10)).map(({ event }) => event.id)).toEqual(['a', 'b']);
      expect(await journal.accept(receipt({ key: 'poison' }))).toMatchObject({ kind: 'accepted' });
    });

    test('close finishes what is under way, may be repeated, and ends everything after it', async () => {
      const underWay = Array.from({ length: 600 }, (_, index) => journal.accept(receipt({ key: `k${index}` })));
      const reading = journal.lanesWithWork();
      await Promise.all([journal.close(), journal.close()]);
      await Promise.all([...underWay, reading]);
      await expect(journal.accept(receipt({ key: 'late' }))).rejects.toMatchObject({ code: 'journal-closed' });
      await expect(journal.tally()).rejects.toMatchObject({ code: 'journal-closed' });
      await journal.close();
      await reopen();
      expect(await journal.tally()).toMatchObject({ pending: 600 });
      await journal.probe();
    });
  });
}
