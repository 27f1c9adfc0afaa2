/** What the public listener answers when it does not answer 200. Codes are stable; texts say what to do. */
import { JournalError } from '../journal/errors.ts';

export interface HttpError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const HTTP_ERRORS = {
  'unknown-path': { status: 404, message: 'There is nothing here. Webhooks go to POST /webhooks/<source>.' },
  'unknown-source': { status: 404, message: 'No source of that name is configured; see `sources:` in the config.' },
  'method-not-allowed': { status: 405, message: 'Only POST is taken here.' },
  'body-too-large': { status: 413, message: 'The body is larger than server.body_limit.' },
  'body-incomplete': { status: 400, message: 'The body ended before its declared length.' },
  'request-timeout': { status: 408, message: 'The request took too long to arrive.' },
  unavailable: {
    status: 503,
    message: 'The event could not be stored; send it again.',
    headers: { 'retry-after': '5' },
  },
  stopping: { status: 503, message: 'The service is stopping; send it again.', headers: { 'retry-after': '5' } },
  overloaded: {
    status: 503,
    message: 'Too many bodies arrive at once (server.body_budget), and this one arrived slowest; send it again.',
    headers: { 'retry-after': '5' },
  },
  internal: { status: 503, message: 'Something went wrong here; send it again.', headers: { 'retry-after': '30' } },
} as const satisfies Record<string, Omit<HttpError, 'code'>>;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** What a request is answered whose handling threw this. */
export function codeOf(error: unknown): 'unavailable' | 'internal' {
  return error instanceof JournalError ? 'unavailable' : 'internal';
}
