/** Whether the service that runs on this machine answers as the config says. */
import { z } from 'zod';
import { type Finding, note, ok, problem, warning } from './finding.ts';

/** What is found at the address of the admin listener. */
export type AdminFound =
  | { readonly kind: 'service'; readonly journal: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'other'; readonly why: string };

export interface ServiceParts {
  /** Where webhooks are received; null where any free port is taken. */
  readonly url: string | null;
  readonly adminUrl: string;
  readonly admin: AdminFound;
  /** Whether it has the journal of this config. */
  readonly sameJournal: boolean;
  /** Whether it is `serve --sandbox` of this config. */
  readonly sandbox: boolean;
  readonly sources: readonly string[];
  readonly timeoutMs: number;
}

export interface ServiceExamination {
  readonly findings: readonly Finding[];
  readonly running: boolean;
}

const healthAnswer = z.object({ status: z.literal('ok') });
const readyAnswer = z.object({
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })),
});
const refusalAnswer = z.object({ error: z.object({ code: z.string() }) });

const START = 'Start it with `alo-relay serve`.';

/** Sends each source a request without a signature, which the service refuses, and logs. */
export async function examineService(parts: ServiceParts): Promise<ServiceExamination> {
  const { url, timeoutMs } = parts;
  if (url === null)
    return {
      findings: [note('service', 'server.port is 0, any free port: not checked.'), adminFinding(parts, false)],
      running: false,
    };
  const health = await ask(`${url}/healthz`, timeoutMs);
  if (health.kind === 'nothing') {
    return {
      findings: [
        note('service', `The service does not run: nothing listens at ${url}.`, START),
        adminFinding(parts, false),
      ],
      running: false,
    };
  }
  if (health.kind === 'failed' || !healthAnswer.safeParse(health.body).success) {
    const what = health.kind === 'failed' ? `does not answer (${health.why})` : `is not alo-relay (${health.status})`;
    const finding = problem(
      'service',
      `What listens at ${url} ${what}.`,
      'Stop it, or choose another server.port in the config.',
    );
    return { findings: [finding, adminFinding(parts, false)], running: false };
  }
  const ready = await readiness(url, timeoutMs);
  const webhooks = await Promise.all(
    parts.sources.map((source) => webhookFinding(`${url}/webhooks/${source}`, source, timeoutMs)),
  );
  return { findings: [ready, ...webhooks, adminFinding(parts, true)], running: true };
}

async function readiness(url: string, timeoutMs: number): Promise<Finding> {
  const ready = await ask(`${url}/readyz`, timeoutMs);
  const checks = ready.kind === 'answered' ? readyAnswer.safeParse(ready.body).data?.checks : undefined;
  const details = Object.entries(checks ?? {})
    .filter(([, check]) => !check.ok)
    .map(([name, check]) => `${name}: ${check.detail ?? 'not ok'}`);
  const isReady = ready.kind === 'answered' && ready.status === 200;
  if (isReady && details.length === 0) return ok('service', `The service runs at ${url}, and is ready.`);
  return problem(
    'service-not-ready',
    isReady
      ? `The service runs at ${url} and accepts webhooks, but a check fails.`
      : `The service runs at ${url}, and is not ready.`,
    details.join(' ') || 'See its log.',
  );
}

async function webhookFinding(url: string, source: string, timeoutMs: number): Promise<Finding> {
  const answer = await ask(url, timeoutMs, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  const code = answer.kind === 'answered' ? refusalAnswer.safeParse(answer.body).data?.error.code : undefined;
  if (answer.kind === 'answered' && answer.status === 401 && code !== undefined)
    return ok('webhook', `${url} answers, and refuses what is not signed.`);
  if (answer.kind === 'answered' && answer.status === 404) {
    return problem(
      'webhook',
      `The service does not know the source "${source}".`,
      'It runs on another config, or has not taken this one yet: see its log, or start it again.',
    );
  }
  const got = answer.kind === 'answered' ? `${answer.status}` : answer.kind === 'failed' ? answer.why : 'no connection';
  return problem(
    'webhook',
    `${url} should refuse an unsigned request with 401, and answers ${got}.`,
    'See the log of the service, and what stands before it.',
  );
}

function adminFinding({ admin, adminUrl, sameJournal, sandbox }: ServiceParts, running: boolean): Finding {
  if (admin.kind === 'other') {
    const end = admin.why.search(/\. /) + 1;
    const said = end === 0 ? admin.why : admin.why.slice(0, end);
    return problem(
      'admin',
      `The admin listener: ${said}`,
      end === 0 ? 'Give the service another admin.port.' : admin.why.slice(end).trim(),
    );
  }
  if (sandbox) return note('admin', `The sandbox answers at ${adminUrl}. It has a journal of its own.`);
  if (admin.kind === 'service') {
    return sameJournal
      ? ok('admin', `The admin listener answers at ${adminUrl}.`)
      : problem(
          'admin',
          `The service at ${adminUrl} has another journal, ${admin.journal}.`,
          'Give each service an admin.port of its own.',
        );
  }
  return running
    ? warning(
        'admin',
        `The service runs, and nothing listens at ${adminUrl}: \`deliveries\` and \`replay\` cannot reach it.`,
        'Its log says why: give it an admin.port that is free, and start it again.',
      )
    : note('admin', `The admin listener does not run: nothing listens at ${adminUrl}.`);
}

type Asked =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'failed'; readonly why: string };

async function ask(url: string, timeoutMs: number, init: RequestInit = {}): Promise<Asked> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    const body: unknown = await response.json().catch(() => null);
    return { kind: 'answered', status: response.status, body };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
    if (code === 'ECONNREFUSED') return { kind: 'nothing' };
    return {
      kind: 'failed',
      why: error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : code || 'no answer',
    };
  }
}
