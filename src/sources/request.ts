import type { IncomingHttpHeaders } from 'node:http';

/** A request as anyone may have sent it. */
export interface RawRequest {
  readonly headers: IncomingHttpHeaders;
  /** As received: signatures are over bytes, not text. */
  readonly body: Buffer;
  /** What the log calls it. */
  readonly requestId?: string;
}
