/** Asks a running service what became of its events, over its admin API. This folder talks to a service from outside. */
import { z } from 'zod';
import { RelayError } from '../core/errors.ts';
import { readEventHeader } from '../core/event-header.ts';
import { parseJson } from '../core/json.ts';
import type { Secret } from '../core/secret.ts';
import { VERSION } from '../core/version.ts';
import type { Order } from '../history/audit.ts';
import { auditPage } from '../history/audit-view.ts';
import type { DeliveryHistory } from '../history/delivery-history.ts';
import { deliveryPage, dismissResult, eventOutcomeSchema, replayResult } from '../history/outcomes.ts';
import { type StatusReport, statusReport } from '../history/status-report.ts';

const STATUS_WITHIN_MS = 3_000;

const statusAnswer = z.object({ service: z.literal('alo-relay'), journal: z.string() });
const eventsAnswer = z.object({ events: z.array(eventOutcomeSchema) });
const contentAnswer = z.object({ events: z.array(z.looseObject({ id: z.string(), payload: z.unknown() })) });
const errorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Where a service's admin listener is asked, and as whom. */
export interface ServiceAddress {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: Secret | null;
}

/** What is found at the address of the admin listener. */
export type Found =
  | { readonly kind: 'service'; readonly journal: string }
  | { readonly kind: 'nothing' }
  /** Why what is there cannot be asked, and what to do. */
  | { readonly kind: 'other'; readonly why: string };

/** Never rejects. */
export async function findService(service: ServiceAddress): Promise<Found> {
  const { url } = service;
  let response: Response;
  try {
    response = await ask(service, '/api/status', { signal: AbortSignal.timeout(STATUS_WITHIN_MS) });
  } catch (error) {
    const code = codeOf(error);
    return code === 'ECONNREFUSED'
      ? { kind: 'nothing' }
      : { kind: 'other', why: `no answer from ${url} (${code}). See its log.` };
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.status === 401 && errorAnswer.safeParse(body).success) {
    const remedy = 'Give this command the admin.token that the service has, in ALO_RELAY_TOKEN or in the config.';
    return { kind: 'other', why: `${url} refuses the token. ${remedy}` };
  }
  if (response.status === 503 && errorAnswer.safeParse(body).success) {
    return { kind: 'other', why: `the service at ${url} cannot use its journal now. See its log.` };
  }
  const status = statusAnswer.safeParse(body);
  if (status.success) return { kind: 'service', journal: status.data.journal };
  const why = `at ${url} something else answers (${response.status}). Give the service another admin.port.`;
  return { kind: 'other', why };
}

export interface StatusSource {
  status(): Promise<StatusReport>;
}

const ANOTHER_VERSION = 'it is another version. Use its own alo-relay command.';

/** Each rejects with a RelayError where the service does not answer as it should. */
export function remoteHistory(service: ServiceAddress): DeliveryHistory & StatusSource {
  async function get<T>(path: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<T | null> {
    const response = await ask(service, path, init).catch((error: unknown) => {
      throw new RelayError('service-failed', `the connection ended (${codeOf(error)}). Ask again.`);
    });
    const body: unknown = await response
      .text()
      .then((text) => parseJson(text))
      .catch(() => null);
    if (response.ok) {
      const answer = schema.safeParse(body);
      if (answer.success) return answer.data;
      throw new RelayError('service-failed', ANOTHER_VERSION);
    }
    const refusal = errorAnswer.safeParse(body).data?.error;
    if (refusal?.code === 'unknown-event') return null;
    if (refusal?.code === 'unknown-path') throw new RelayError('service-failed', ANOTHER_VERSION);
    throw new RelayError('service-failed', refusal?.message ?? `it answered ${response.status}. See its log.`);
  }

  async function must<T>(path: string, schema: z.ZodType<T>, init?: RequestInit): Promise<T> {
    const answer = await get(path, schema, init);
    if (answer === null) throw new RelayError('service-failed', 'it knows nothing of that.');
    return answer;
  }

  return {
    status: () => must('/api/report', statusReport),
    deliveries({ numbers, states, since, before, limit }) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (numbers !== undefined) query.set('seq', numbers.join(','));
      if (states !== undefined) query.set('state', states.join(','));
      if (since !== undefined) query.set('since', new Date(since).toISOString());
      if (before !== undefined) query.set('before', String(before));
      return must(`/api/deliveries?${query}`, deliveryPage);
    },
    async events(id) {
      const answer = await get(`/api/events/${encodeURIComponent(id)}`, eventsAnswer);
      return answer?.events ?? [];
    },
    async stored(id) {
      const answer = await get(`/api/events/${encodeURIComponent(id)}/content`, contentAnswer);
      // Restores what is absent, which conditions find equal to null.
      return (answer?.events ?? []).map(({ payload, ...header }) => ({
        ...readEventHeader(JSON.stringify(header)),
        payload,
      }));
    },
    replay: ({ again, by, ...request }) =>
      must('/api/replay', replayResult, posted({ ...selectionBody(request), again, by })),
    dismiss: ({ reason, by, ...order }) =>
      must('/api/dismiss', dismissResult, posted({ ...selectionBody(order), reason, by })),
    audit({ since, before, limit }) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (since !== undefined) query.set('since', new Date(since).toISOString());
      if (before !== undefined) query.set('before', String(before));
      return must(`/api/audit?${query}`, auditPage);
    },
  };
}

/** The service knows by itself who asks. */
function selectionBody({ codes, since, dryRun, actor: _, ...selection }: Omit<Order, 'by'>) {
  const at = since === undefined ? undefined : new Date(since).toISOString();
  return { ...selection, reason_codes: codes, since: at, dry_run: dryRun };
}

function posted(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function ask({ url, token }: ServiceAddress, path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('user-agent', `alo-relay/${VERSION}`);
  if (token !== null) headers.set('authorization', `Bearer ${token.reveal()}`);
  return fetch(`${url}${path}`, { ...init, headers, redirect: 'manual' });
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string')
    return cause.code;
  return cause instanceof Error ? cause.name : String(cause);
}
