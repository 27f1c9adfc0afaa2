/** Compressed bodies, back to what the sender wrote. */
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
  zstdDecompressSync,
} from 'node:zlib';

type Inflate = (body: Buffer, options: Pick<ZlibOptions, 'maxOutputLength'>) => Buffer;

const gunzip: Inflate = (body, options) => gunzipSync(body, options);

/** RFC 9110 means zlib's format; some senders leave its two bytes of header out. */
const inflate: Inflate = (body, options) => {
  try {
    return inflateSync(body, options);
  } catch (error) {
    if (isTooLarge(error)) throw error;
    return inflateRawSync(body, options);
  }
};

/** A frame may ask for a window of 2 GB. RFC 9659 allows 8 MB in HTTP. */
const ZSTD_WINDOW = { [constants.ZSTD_d_windowLogMax]: 23 };

const CODINGS: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', (body, options) => brotliDecompressSync(body, options)],
  ['zstd', (body, options) => zstdDecompressSync(body, { ...options, params: ZSTD_WINDOW })],
]);

/** Whether a Content-Encoding says that the body is not as the sender wrote it. */
export function isEncoded(encoding: string | undefined): encoding is string {
  return encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity';
}

export type Decoded =
  /** `decoded`: false where the coding is unknown, or the body is not in it: then these are the bytes that came. */
  | { readonly ok: true; readonly body: Buffer; readonly decoded: boolean }
  /** It would be longer than the limit. */
  | { readonly ok: false };

/**
 * The body in the encoding that its header names. At most `limitBytes` are made of it. What is JSON as it came was
 * decompressed on the way, by a proxy that left the header.
 */
export function decode(body: Buffer, encoding: string, limitBytes: number): Decoded {
  if (isJson(body)) return { ok: true, body, decoded: true };
  try {
    const plain = CODINGS.get(encoding.trim().toLowerCase())?.(body, { maxOutputLength: limitBytes });
    return { ok: true, body: plain ?? body, decoded: plain !== undefined };
  } catch (error) {
    return isTooLarge(error) ? { ok: false } : { ok: true, body, decoded: false };
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
