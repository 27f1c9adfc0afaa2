import type { IncomingMessage } from 'node:http';

const MAX_BODY_BYTES = 1024 * 1024;

/** The body as it was sent, or null when it is larger than 1 MiB. Rejects when the connection breaks. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    // Too large: read on without keeping it, because stopping here would close the connection before the answer.
    if (size > MAX_BODY_BYTES) chunks = [];
    else chunks.push(bytes);
  }
  return size > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}
