import type { ServerResponse } from 'node:http';
import type { Fault } from './panel/faults.ts';
import type { Refusal } from './refusal.ts';

/** An HTTP answer before it is sent. */
export interface SandboxResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export function json(value: unknown, status = 200): SandboxResponse {
  return { status, headers: JSON_TYPE, body: JSON.stringify(value) };
}

/** `scopes`: those of the token, which Slack tells with every answer. */
export function success(fields: Record<string, unknown>, scopes: Iterable<string>): SandboxResponse {
  const answer = json({ ok: true, ...fields });
  return { ...answer, headers: { ...JSON_TYPE, 'x-oauth-scopes': [...scopes].join(',') } };
}

export function refusal({ code, messages }: Refusal): SandboxResponse {
  if (messages.length === 0) return json({ ok: false, error: code });
  const errors = messages.map((message) => message.replace(/^\[ERROR\] /, ''));
  return json({ ok: false, error: code, errors, response_metadata: { messages } });
}

/** 429; `retryAfter` in seconds, null leaves the header out. */
export function rateLimited(retryAfter: number | null): SandboxResponse {
  const headers = retryAfter === null ? JSON_TYPE : { ...JSON_TYPE, 'retry-after': String(retryAfter) };
  return { status: 429, headers, body: JSON.stringify({ ok: false, error: 'ratelimited' }) };
}

type RespondingFault = Extract<Fault, { kind: 'rate_limited' | 'error' | 'http' | 'html' | 'null' | 'redirect' }>;

/** What a fault answers in place of the real answer. */
export function faultyResponse(fault: RespondingFault): SandboxResponse {
  switch (fault.kind) {
    case 'rate_limited':
      return rateLimited(fault.retryAfter === undefined ? 1 : fault.retryAfter);
    case 'error':
      return json({ ok: false, error: fault.error });
    case 'http': {
      const { status, body = '', contentType = 'text/plain' } = fault;
      return { status, headers: { 'content-type': contentType }, body };
    }
    case 'html':
      return {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<!doctype html><title>Maintenance</title>',
      };
    case 'null':
      return json(null);
    case 'redirect':
      return { status: 302, headers: { location: fault.location ?? '/elsewhere' }, body: '' };
  }
}

export function send(response: ServerResponse, { status, headers, body }: SandboxResponse): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Sends the head and half of the body, then breaks the connection. */
export function sendHalf(response: ServerResponse, { status, headers, body }: SandboxResponse): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}
