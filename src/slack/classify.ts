/**
 * What a failed call to Slack means: pure, and the one place that decides it.
 *
 * Three questions: did it happen? is it worth another try? who has to act? Where "did it happen" has no answer, a
 * method that may be repeated is simply tried again; chat.postMessage would post twice, so that its outcome is unknown.
 */

import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { MINUTE_MS } from '../core/clock.ts';
import { type Failure, type Reason, refused } from '../core/outcome.ts';
import { type CodeMeaning, meaningOf } from './codes.ts';
import { NOT_OURS, TransportError } from './transport.ts';

/** Methods that mark a message. */
export type MarkMethod = 'pins.add' | 'reactions.add';

export type SlackMethod =
  | MarkMethod
  | 'auth.test'
  | 'chat.postMessage'
  | 'chat.update'
  | 'conversations.history'
  | 'conversations.info'
  | 'conversations.list'
  | 'conversations.open'
  | 'conversations.replies'
  | 'usergroups.list'
  | 'users.info'
  | 'users.lookupByEmail';

/** Nothing is delivered without these. Where another method lacks a scope, everything else still works. */
const ESSENTIAL: ReadonlySet<SlackMethod> = new Set<SlackMethod>(['auth.test', 'chat.postMessage', 'chat.update']);
/** Of the credential's codes, those that speak of one method: of what this token may not do, and may do others. */
const LACKING: ReadonlySet<string> = new Set([
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'access_denied',
  'accesslimited',
  'enterprise_is_restricted',
  'is_bot',
]);

const SHORTEST_WAIT_S = 1;
const LONGEST_WAIT_S = 60 * 60;
/** Where Slack says to wait, but not how long. */
const DEFAULT_WAIT_S = 10;
const QUOTA_WAIT_MS = 5 * MINUTE_MS;

/** Slack's codes look like this; a proxy's page does not. */
const CODE = /^[a-z][a-z0-9_]{1,79}$/;

const UNREADABLE: Reason = {
  code: 'unreadable_answer',
  detail:
    'What answered is not Slack’s API (a proxy’s or a login page?): check slack.api_url and the way out of the network',
};

/** `error` is whatever a call of `method` on the web-api client threw, or rejected with. */
export function classify(method: SlackMethod, error: unknown): Failure {
  if (error instanceof WebAPIRateLimitedError) return limited('ratelimited', error.retryAfter);
  if (error instanceof WebAPIPlatformError) return platformFailure(method, error.data);
  if (error instanceof WebAPIHTTPError) return httpFailure(method, error.statusCode);
  if (error instanceof WebAPIRequestError) return transportFailure(method, error.original);
  // web-api stumbles over some answers, `null` among them, with a TypeError of its own.
  return doubtful(method, UNREADABLE);
}

/** Slack, or what claims to be it, answered `ok` without what the method promises. */
export function malformed(method: SlackMethod): Failure {
  return doubtful(method, UNREADABLE);
}

function doubtful(method: SlackMethod, reason: Reason): Failure {
  return method === 'chat.postMessage' ? { kind: 'unknown', reason } : notDone(reason);
}

function notDone(reason: Reason): Failure {
  return { kind: 'retry', reason, limited: false };
}

/** `asked`: seconds, if it is a number at all. */
function limited(code: string, asked: unknown): Failure {
  const seconds = typeof asked === 'number' && !Number.isNaN(asked) ? asked : DEFAULT_WAIT_S;
  const wait = Math.min(Math.max(seconds, SHORTEST_WAIT_S), LONGEST_WAIT_S);
  const detail = meaningOf(code)?.detail ?? 'Slack asks to wait';
  return { kind: 'retry', reason: { code, detail }, limited: true, afterMs: wait * 1000 };
}

function platformFailure(method: SlackMethod, data: WebAPIPlatformError['data']): Failure {
  const code: unknown = data.error;
  if (typeof code !== 'string' || !CODE.test(code)) return doubtful(method, UNREADABLE);
  const meaning = meaningOf(code);
  if (meaning === undefined) {
    return refused(
      'payload',
      code,
      `Slack refuses the call with \`${code}\`, which the relay does not know: look it up in Slack’s reference of ${method}`,
    );
  }
  const { group } = meaning;
  const reason = { code, detail: `${meaning.detail}${specifics(code, data)}` };
  switch (group) {
    case 'limited':
      return limited(code, data.response_metadata?.retryAfter);
    case 'transient':
      return notDone(reason);
    case 'quota':
      return { kind: 'retry', reason, limited: false, afterMs: QUOTA_WAIT_MS };
    case 'ambiguous':
      return doubtful(method, reason);
    default:
      return { kind: 'refused', scope: scopeFor(method, code, group), reason };
  }
}

function scopeFor<G extends CodeMeaning['group']>(method: SlackMethod, code: string, group: G): G | 'destination' {
  return LACKING.has(code) && !ESSENTIAL.has(method) ? 'destination' : group;
}

/** What Slack adds to a code and is known to hold neither text nor secret: scopes, and where in the blocks it is. */
function specifics(code: string, data: WebAPIPlatformError['data']): string {
  if (code === 'missing_scope' && 'needed' in data && typeof data.needed === 'string') {
    return /^[a-z:._, ]{1,200}$/.test(data.needed) ? ` (needed: ${data.needed})` : '';
  }
  const place = /\[json-pointer:(\/[\w/]{1,100})\]/.exec(String(data.response_metadata?.messages))?.[1];
  return place === undefined ? '' : ` (at ${place})`;
}

/** Slack itself answers 200 or 429, and 5xx in trouble: the rest is what stands between, or another server. */
function httpFailure(method: SlackMethod, status: number): Failure {
  const code = `http_${status}`;
  if (status >= 300 && status < 400) {
    return notDone({
      code,
      detail: `The server redirects (HTTP ${status}), which the relay does not follow: check slack.api_url, and whether a proxy wants a login`,
    });
  }
  if (status === 401 || status === 403 || status === 407) {
    return notDone({
      code,
      detail: `Something before Slack refuses access (HTTP ${status}): let the proxy or firewall pass calls to slack.api_url`,
    });
  }
  if ([400, 413, 414, 415, 422, 431].includes(status)) {
    return refused(
      'payload',
      code,
      `Something before Slack refuses the request as it is (HTTP ${status}): a proxy may limit its size or content`,
    );
  }
  if (status >= 400 && status < 500 && status !== 408) {
    return notDone({ code, detail: `The server knows no such address (HTTP ${status}): check slack.api_url` });
  }
  return doubtful(method, {
    code,
    detail: `Slack, or a proxy before it, failed (HTTP ${status}): see https://slack-status.com`,
  });
}

function transportFailure(method: SlackMethod, original: Error): Failure {
  if (!(original instanceof TransportError))
    return doubtful(method, { code: 'request_failed', detail: 'The call to Slack failed on the way' });
  const { code, reached } = original;
  if (code === NOT_OURS) return { kind: 'retry', reason: TAKEN_OVER, limited: true };
  return reached ? doubtful(method, lost(code)) : notDone(notConnected(code));
}

const TAKEN_OVER: Reason = {
  code: 'not_ours',
  detail: 'Another instance may have taken the conversation over, so nothing was sent: the relay goes on by itself',
};

/** The request may have arrived. */
function lost(code: string): Reason {
  switch (code) {
    case 'TIMED_OUT':
      return {
        code: 'timed_out',
        detail: 'Slack did not answer in time: raise delivery.timeout if that happens often',
      };
    case 'NOT_JSON':
      return UNREADABLE;
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return { code: 'answer_too_large', detail: 'The answer is larger than any of Slack’s: check slack.api_url' };
    default:
      return { code: 'connection_lost', detail: `The connection broke before the whole answer had come (${code})` };
  }
}

const UNREACHED: Readonly<Record<string, Reason>> = {
  ENOTFOUND: { code: 'name_not_found', detail: 'No server of that name: check slack.api_url and the DNS' },
  EAI_AGAIN: { code: 'name_not_found', detail: 'The DNS does not answer: check the network' },
  ECONNREFUSED: {
    code: 'connection_refused',
    detail: 'The server takes no connections: check slack.api_url, and whether it runs',
  },
  EHOSTUNREACH: { code: 'host_unreachable', detail: 'There is no way to the server: check the network' },
  ENETUNREACH: { code: 'host_unreachable', detail: 'There is no way to the server: check the network' },
  ETIMEDOUT: { code: 'connect_timeout', detail: 'No connection in time: check the network and the firewall' },
  UND_ERR_CONNECT_TIMEOUT: {
    code: 'connect_timeout',
    detail: 'No connection in time: check the network and the firewall',
  },
  TIMED_OUT: { code: 'connect_timeout', detail: 'No connection in time: check the network and the firewall' },
  ABORTED: { code: 'cancelled', detail: 'The call was cancelled before it was sent' },
  UND_ERR_CLOSED: { code: 'client_closed', detail: 'The relay is stopping; it goes on after the next start' },
  UND_ERR_DESTROYED: { code: 'client_closed', detail: 'The relay is stopping; it goes on after the next start' },
  UND_ERR_INVALID_ARG: {
    code: 'request_invalid',
    detail: 'The request cannot be made: look for stray characters in slack.token and slack.api_url',
  },
};

/** What Node and OpenSSL call certificates and handshakes that fail. */
const TLS = /^(CERT_|CRL_|DEPTH_ZERO_|ERR_SSL_|ERR_TLS_|HOSTNAME_MISMATCH|INVALID_CA|SELF_SIGNED_|UNABLE_TO_|EPROTO$)/;

/** Nothing of the request was sent. */
function notConnected(code: string): Reason {
  if (TLS.test(code)) {
    return {
      code: 'tls_failure',
      detail: `No trusted connection (${code}): check slack.api_url, or give Node the proxy’s certificate with NODE_EXTRA_CA_CERTS`,
    };
  }
  return (
    UNREACHED[code] ?? { code: 'connection_failed', detail: `No connection to the server (${code}): check the network` }
  );
}
