/**
 * The doctor: everything outside the config that has to be as the config needs it, looked at and left as it is. Each
 * look takes at most `delivery.timeout`.
 */
import type { Config } from '../config/config.ts';
import { sandboxJournal } from '../config/sandbox.ts';
import { systemClock } from '../core/clock.ts';
import type { JournalSettings } from '../journal/settings.ts';
import { createInspector } from '../slack/inspector.ts';
import { type Finding, note, type Section } from './finding.ts';
import { examineJournal, isSameFile, type JournalUse } from './journal.ts';
import { type AdminFound, examineService } from './service.ts';
import { examineSlack } from './slack.ts';

export interface DoctorParts {
  /** `slack.token` is null where there is none, or only one that the sandbox made up. */
  readonly config: Config;
  /** False: a variable of `journal:` is not set. */
  readonly journalKnown: boolean;
  /** Where the service receives webhooks; null where any free port is taken. */
  readonly url: string | null;
  readonly adminUrl: string;
  readonly admin: AdminFound;
}

/** In the order in which they are best read, each as soon as those before it are done. Never throws. */
export async function* examine(parts: DoctorParts): AsyncGenerator<Section> {
  const local = examineHere(parts);
  yield* await examineThere(parts.config);
  yield* await local;
}

async function examineThere(config: Config): Promise<Section[]> {
  const { token, apiUrl } = config.slack;
  const empty = token === null || token.reveal().trim() === '';
  const slack = empty ? null : createInspector({ token, apiUrl, timeoutMs: config.delivery.timeoutMs });
  try {
    return await examineSlack(config, slack);
  } finally {
    await slack?.close();
  }
}

async function examineHere({ config, journalKnown, ...listeners }: DoctorParts): Promise<Section[]> {
  const { timeoutMs } = config.delivery;
  const sources = config.sources.map(({ name }) => name);
  const { admin } = listeners;
  const sameJournal = admin.kind === 'service' && isSame(admin.journal, config.journal);
  const service = await examineService({
    ...listeners,
    // Where it is not known which one it should be, nothing is wrong with it.
    sameJournal: sameJournal || !journalKnown,
    sandbox: admin.kind === 'service' && isSame(admin.journal, sandboxJournal(config.file)),
    sources,
    timeoutMs,
  });
  const maybeInService = admin.kind === 'other' || (service.running && admin.kind === 'nothing');
  const findings = journalKnown
    ? await examineKnown(config.journal, { inService: sameJournal, maybeInService })
    : [note('journal', 'Where the journal is, is not known: a variable of `journal:` is not set.')];
  return [
    { title: 'Journal', findings },
    { title: 'Service', findings: service.findings },
  ];
}

function isSame(place: string, settings: JournalSettings): boolean {
  return settings.kind === 'postgres' ? place === settings.place : isSameFile(place, settings.path);
}

/** The part that a database needs is loaded only for one. */
async function examineKnown(settings: JournalSettings, use: Omit<JournalUse, 'path'>): Promise<Finding[]> {
  if (settings.kind === 'sqlite') return examineJournal({ path: settings.path, ...use });
  const { examinePostgres } = await import('./postgres.ts');
  return examinePostgres(settings, systemClock);
}
