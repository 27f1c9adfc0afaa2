/** What the admin listener answers when it does not answer 200. Codes are stable; texts say what to do. */
import type { Context } from 'koa';

const ADMIN_ERRORS = {
  'unknown-path': { status: 404, message: 'There is nothing here.' },
  'unknown-event': { status: 404, message: 'No event of that id or number is known: it never came, or it was pruned.' },
  'method-not-allowed': { status: 405, message: 'That method is not taken here; see the Allow header.' },
  'bad-request': { status: 400, message: 'The request cannot be understood.' },
  'not-json': { status: 415, message: 'Send JSON, with content-type: application/json.' },
  'body-too-large': { status: 413, message: 'The body is too large: ask for less at once.' },
  'wrong-host': {
    status: 403,
    message: 'Without admin.token this listener answers under its own address only: ask for it as localhost.',
  },
  'read-only': {
    status: 403,
    message: 'This token is read-only (admin.read_only_token): it can neither replay nor dismiss. Use admin.token.',
  },
  'foreign-origin': { status: 403, message: 'This listener takes no requests from other sites.' },
  unauthorized: {
    status: 401,
    message: 'A token of the config is needed (admin.token, admin.read_only_token): Authorization: Bearer …',
    headers: { 'www-authenticate': 'Bearer realm="alo-relay"' },
  },
  'too-many-attempts': {
    status: 429,
    message:
      'Too many wrong tokens came from there. Wait for a minute, and look the token up in the config (admin.token).',
  },
  'too-many-watchers': {
    status: 503,
    message: 'As many pages watch as can be told; close some.',
    headers: { 'retry-after': '30' },
  },
  unavailable: {
    status: 503,
    message: 'The journal cannot be used now; see the log.',
    headers: { 'retry-after': '5' },
  },
  busy: {
    status: 503,
    message: 'The playground has as much to do as it takes at once; try again in a moment.',
    headers: { 'retry-after': '1' },
  },
  internal: { status: 500, message: 'Something went wrong here; see the log.' },
} as const satisfies Record<string, { status: number; message: string; headers?: Readonly<Record<string, string>> }>;

export type AdminErrorCode = keyof typeof ADMIN_ERRORS;

/** Answers with an entry of the catalogue; `detail` says more than its text. */
export function fail(context: Context, code: AdminErrorCode, detail?: string): void {
  const { status, message, ...rest } = ADMIN_ERRORS[code];
  context.status = status;
  if ('headers' in rest) context.set(rest.headers);
  context.body = { error: { code, message: detail ?? message } };
}
