/**
 * Where a command finds what became of events: at the running service, for which its address and a token are enough, or in
 * the journal itself. A journal that is a file can be opened while no service runs; a database beside any number of them. The sandbox's journal counts where the sandbox
 * runs, and where the config's own is missing or not known.
 */
import { existsSync, realpathSync } from 'node:fs';
import { adminUrl } from '../client/admin-url.ts';
import {
  type Found,
  findService,
  remoteHistory,
  type ServiceAddress,
  type StatusSource,
} from '../client/remote-history.ts';
import { givenToken } from '../client/service-token.ts';
import type { Config } from '../config/config.ts';
import type { Variables } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { loadAccess } from '../config/load-access.ts';
import { missingForJournal, sandboxJournal, sandboxVariables } from '../config/sandbox.ts';
import { systemClock } from '../core/clock.ts';
import { RelayError } from '../core/errors.ts';
import { silentLogger } from '../core/log.ts';
import { sent } from '../core/outcome.ts';
import type { Problem } from '../core/problem.ts';
import { createDeliveryHistory, type DeliveryHistory } from '../history/delivery-history.ts';
import { lanePage } from '../history/lane-view.ts';
import { reportStatus, type StatusReportParts } from '../history/status-report.ts';
import type { Journal } from '../journal/contract.ts';
import { JournalError } from '../journal/errors.ts';
import { openJournal } from '../journal/open.ts';
import { type JournalSettings, placeOf, type SqliteSettings } from '../journal/settings.ts';
import { bytesOf } from '../journal/sqlite/files.ts';
import { createPeople } from '../slack/people.ts';
import type { ServiceOptions } from './options.ts';
import { countProblems, printProblems } from './problems.ts';

export interface OpenHistory {
  readonly history: DeliveryHistory & StatusSource;
  /** What is replayed: by the service that was asked; by whichever instance runs, or is the next to; once it starts. */
  readonly sending: 'now' | 'by any instance' | 'at the next start';
}

/**
 * Runs `use`, and gives its exit code; 1 where the config has a mistake. `onAlone`: nothing listens at that address, and
 * the journal is opened.
 */
export async function withHistory(
  options: ServiceOptions,
  use: (open: OpenHistory) => Promise<number>,
  onAlone: (url: string) => void = () => undefined,
): Promise<number> {
  const { config: file, admin, tokenFile } = options;
  const token = await givenToken(process.env, tokenFile);
  if (admin !== undefined) return use({ history: remoteHistory(await running({ url: admin, token })), sending: 'now' });
  const variables = await sandboxVariables(file, process.env, 'known');
  const loaded = await loadAccess(file, variables, { tokenKnown: token !== null });
  if (!loaded.ok) return refused(file, loaded.problems);
  const { access } = loaded;
  const service = { url: adminUrl(access.admin), token: token ?? access.admin.token };
  const found = await findService(service);
  const missing = await missingForJournal(file, process.env);
  const ofSandbox = sandboxJournal(file).path;
  if (found.kind === 'service') {
    const sandbox = isSame(found.journal, ofSandbox);
    if (sandbox) tellOfSandbox();
    // Where this is not known, the address is all that there is to go by.
    const own = missing.length > 0 || access.journal === null ? null : placeOf(access.journal);
    if (sandbox || own === null || isSame(found.journal, own))
      return use({ history: remoteHistory(service), sending: 'now' });
  }
  if (found.kind === 'nothing') onAlone(service.url);
  return withJournal({ file, variables, missing, found, url: service.url }, use);
}

/** @throws RelayError `service-not-found` */
async function running(service: ServiceAddress): Promise<ServiceAddress> {
  const found = await findService(service);
  if (found.kind === 'service') return service;
  throw new RelayError('service-not-found', found.kind === 'other' ? found.why : `nothing listens at ${service.url}.`);
}

function refused(file: string, problems: readonly Problem[], remark = ''): number {
  printProblems(problems, process.stderr);
  process.stderr.write(`alo-relay: ${file} has ${countProblems(problems)}.${remark}\n`);
  return 1;
}

interface Opening {
  readonly file: string;
  readonly variables: Variables;
  /** The variables of the journal's address that are not set. */
  readonly missing: readonly string[];
  /** What was found where the service should be, and where that is. */
  readonly found: Found;
  readonly url: string;
}

/** A replay plans anew, so the journal takes the whole config. */
async function withJournal(
  { file, variables, missing, found, url }: Opening,
  use: (open: OpenHistory) => Promise<number>,
): Promise<number> {
  const { config, problems } = await loadConfig(file, variables);
  if (config === null) return refused(file, problems, ` No service of it answers at ${url}, so all of it is needed.`);
  const own = missing.length === 0 ? config.journal : null;
  const ofSandbox = sandboxJournal(file);
  const settings = hasJournal(own) || !existsSync(ofSandbox.path) ? own : ofSandbox;
  if (settings === null) throw new RelayError('journal-unknown', missing.join(', '));
  const shared = settings.kind === 'postgres';
  const journal = shared ? await open(settings) : await openFree(settings, whyNot(found, url));
  try {
    if (settings === ofSandbox) tellOfSandbox();
    const sending = shared ? 'by any instance' : 'at the next start';
    return await use({ history: localHistory(config, { settings, journal }), sending });
  } finally {
    await journal.close();
  }
}

/** On standard error: what scripts read stays as it is. */
export function tellOfSandbox(): void {
  process.stderr.write('alo-relay: this is the journal of the sandbox (serve --sandbox).\n');
}

function hasJournal(settings: JournalSettings | null): boolean {
  return settings !== null && (settings.kind === 'postgres' || existsSync(settings.path));
}

function open(settings: JournalSettings): Promise<Journal> {
  return openJournal(settings, { log: silentLogger, clock: systemClock, role: 'command' });
}

/** Why a service that has the journal open cannot be asked. */
function whyNot(found: Found, url: string): string {
  if (found.kind === 'other') return found.why;
  return found.kind === 'nothing'
    ? `nothing listens at ${url}. Give it an admin.port that is free, and start it again.`
    : `the service at ${url} has another journal, ${found.journal}. Give each service an admin.port of its own.`;
}

async function openFree(settings: SqliteSettings, why: string): Promise<Journal> {
  // Opening would create it, and a config that names another journal by mistake would seem to work.
  if (!existsSync(settings.path)) throw new RelayError('no-journal', settings.path);
  try {
    return await open(settings);
  } catch (error) {
    if (error instanceof JournalError && error.code === 'journal-locked')
      throw new RelayError('service-out-of-reach', why);
    throw error;
  }
}

/** Nothing is sent from here: what is stored goes out with the next start, or by the instances that share the journal. */
const NO_LANE = { claimed: false, stored: () => undefined, dropped: () => undefined };

function localHistory(
  { routes, retentionMs, people, delivery, sources }: Config,
  { settings, journal }: { readonly settings: JournalSettings; readonly journal: Journal },
): DeliveryHistory & StatusSource {
  // Whose lane is whose, the map tells alone: Slack is not asked.
  const nothing = async () => sent(null);
  const gateway = { lookupByEmail: nothing, groupId: nothing, timeZone: nothing };
  const { laneKey } = createPeople({ ...people, gateway, clock: systemClock });
  const planning = { personKey: laneKey, maxPerEvent: delivery.maxPerEvent };
  const history = createDeliveryHistory({
    rules: () => ({ routes, planning, retentionMs }),
    journal,
    clock: systemClock,
    join: () => NO_LANE,
  });
  const place = { place: placeOf(settings), bytes: settings.kind === 'sqlite' ? bytesOf(settings.path) : null };
  const about = { service: null, journal: place, sources: sources.map(({ name }) => name), clock: systemClock };
  const nobodySends = { trouble: null, slowed: false, instance: null, quietHours: () => [] };
  const lanesOf: StatusReportParts['lanesOf'] = (backlog, limit) =>
    lanePage(backlog, { limit, now: systemClock.now(), ...nobodySends });
  return { ...history, status: () => reportStatus({ ...about, from: journal, lanesOf }) };
}

function isSame(a: string, b: string): boolean {
  return a === b || real(a) === real(b);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
