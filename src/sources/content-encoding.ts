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

/**
 * What is behind a gzip member must be another one, or zeros; some senders leave other bytes there, or cut off the
 * checksum. That is no harm where the JSON before it is whole.
 */
const gunzip: Inflate = (body, options) => {
  try {
    return gunzipSync(body, options);
  } catch (error) {
    if (isTooLarge(error) || !hasPlainHeader(body)) throw error;
    const first = inflateRawSync(body.subarray(GZIP_HEADER), options);
    if (!isJson(first)) throw error;
    return first;
  }
};

/** Without a file's name and the like behind it, which nobody puts into a request. */
const GZIP_HEADER = 10;

function hasPlainHeader(body: Buffer): boolean {
  return body[0] === 0x1f && body[1] === 0x8b && body[2] === 8 && body[3] === 0;
}

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
  return encoding !== undefined && codingsIn(encoding).length > 0;
}

/** In the order in which they were applied. */
function codingsIn(encoding: string): string[] {
  return encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/** Each decompresses up to the limit. */
const MOST_CODINGS = 3;

export type Decoded =
  /** `decoded`: false where the coding is unknown, or the body is not in it: then these are the bytes that came. */
  | { readonly ok: true; readonly body: Buffer; readonly decoded: boolean }
  /** It would be longer than the limit. */
  | { readonly ok: false };

/**
 * The body without the encodings that its header names. None may make more than `limitBytes` of it. What is JSON sooner
 * was decompressed on the way, by a proxy that left the header.
 */
export function decode(body: Buffer, encoding: string, limitBytes: number): Decoded {
  const codings = codingsIn(encoding);
  let plain = body;
  try {
    while (!isJson(plain)) {
      const coding = codings.pop();
      if (coding === undefined) break;
      const inflate = codings.length < MOST_CODINGS ? CODINGS.get(coding) : undefined;
      if (inflate === undefined) return { ok: true, body, decoded: false };
      plain = inflate(plain, { maxOutputLength: limitBytes });
    }
    return { ok: true, body: plain, decoded: true };
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
