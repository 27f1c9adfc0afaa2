import type { IncomingHttpHeaders } from 'node:http';
import type { Claims } from './claim.ts';

/** A request as anyone may have sent it. */
export interface RawRequest {
  readonly headers: IncomingHttpHeaders;
  /** As received: signatures are over bytes, not text. */
  readonly body: Buffer;
  /** What the log calls it. */
  readonly requestId?: string;
  /** What `Source.claims` made of the headers, where it was asked before. */
  readonly claims?: Claims;
}
