/**
 * The doctor: everything outside the config that has to be as the config needs it, looked at and left as it is. Each
 * look takes at most `delivery.timeout`.
 */
import type { Config } from '../config/config.ts';
import { createInspector } from '../slack/inspector.ts';
import type { Section } from './finding.ts';
import { examineJournal, isSameFile } from './journal.ts';
import { type AdminFound, examineService } from './service.ts';
import { examineSlack } from './slack.ts';

export interface DoctorParts {
  /** `slack.token` is null where there is none, or only one that the sandbox made up. */
  readonly config: Config;
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

async function examineHere({ config, ...listeners }: DoctorParts): Promise<Section[]> {
  const { timeoutMs } = config.delivery;
  const sources = config.sources.map(({ name }) => name);
  const { admin } = listeners;
  const sameJournal = admin.kind === 'service' && isSameFile(admin.journal, config.journal);
  const service = await examineService({ ...listeners, sameJournal, sources, timeoutMs });
  const maybeInService = admin.kind === 'other' || (service.running && admin.kind === 'nothing');
  const journal = await examineJournal({ path: config.journal, inService: sameJournal, maybeInService });
  return [
    { title: 'Journal', findings: journal },
    { title: 'Service', findings: service.findings },
  ];
}
