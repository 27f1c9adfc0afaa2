import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { MoveOptions, MoveStep } from '../../src/journal/move/move.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import { moves, told } from './moves.ts';
import { receipt, stored } from './samples.ts';

const { fill, folder, move, openTarget, path, to } = moves();

/** Aborts the move in between, as far on as it says. */
function abortAt(step: number): Partial<MoveOptions> {
  let left = step;
  const onProgress = () => {
    left -= 1;
    if (left === 0) throw new Error('aborted');
  };
  return { onProgress };
}

test('aborted again and again it goes on behind its last page, and until it is done nobody can use the target', async () => {
  const before = await fill();
  for (const rows of [1, 2, 3, 1, 2, 3]) {
    await expect(move({ ...abortAt(7), page: { rows, bytes: 1_000_000 } })).rejects.toThrow('aborted');
    await expect(openTarget()).rejects.toMatchObject({ code: 'journal-moving', path: to().place });
  }
  await expect(openTarget()).rejects.toThrow(`from ${path()}). Run the same \`alo-relay move\` again`);
  const steps: MoveStep[] = [];
  expect(await move({ onProgress: (step) => steps.push(step) })).toMatchObject({ ok: true, resumed: true });
  expect(steps[0]?.rows).toBeGreaterThan(15);
  const journal = await openTarget();
  expect((await told(journal)).tally).toEqual(before.tally);
  await journal.close();
});

test('who had the empty target open can neither accept nor send while it is moved', async () => {
  await fill();
  const service = await openTarget();
  await expect(move(abortAt(30))).rejects.toThrow('aborted');
  await expect(service.accept(receipt({ key: 'meanwhile' }))).rejects.toMatchObject({ name: 'JournalError' });
  await expect(service.next('#ops', 9)).rejects.toMatchObject({ name: 'JournalError' });
  await expect(service.lanesWithWork()).rejects.toMatchObject({ name: 'JournalError' });
  expect(await move()).toMatchObject({ ok: true });
  expect(await service.accept(receipt({ key: 'afterwards' }))).toMatchObject({ kind: 'accepted', eventSeq: 15 });
  expect(await service.next('#ops', 99)).not.toEqual([]);
  await service.close();
});

test('an unfinished move goes on from the same journal alone, as it was', async () => {
  await fill();
  await expect(move(abortAt(20))).rejects.toThrow('aborted');
  const other = join(folder(), 'other.db');
  await (await openJournalInProcess(other)).close();
  const otherIsNewer = new DatabaseSync(other);
  otherIsNewer.exec('update schema_version set applied_at = applied_at + 1');
  otherIsNewer.close();
  await expect(move({ from: { kind: 'sqlite', path: other } })).rejects.toThrow('of another journal');
  const journal = await openJournalInProcess(path());
  await stored(journal, { key: 'later' });
  await journal.close();
  await expect(move()).rejects.toThrow('which a service has changed since it began');
  await expect(move()).rejects.toMatchObject({ code: 'journal-not-empty' });
});
