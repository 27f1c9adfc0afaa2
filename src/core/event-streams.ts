/** Sends Server-Sent Events to all who listen. */
import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from './built-pages.ts';

/** A listener that is so far behind is disconnected: its browser connects again, and begins with what is. */
const FARTHEST_BEHIND_BYTES = 512 * 1024;

export interface Listening {
  /** What it is sent at once. */
  readonly first: string;
  /** Asked at each `beat`. */
  readonly stillAllowed?: () => boolean;
  /** Its connection has ended, from either side. */
  readonly left?: () => void;
}

export class EventStreams {
  readonly #listeners = new Map<ServerResponse, Listening>();

  get size(): number {
    return this.#listeners.size;
  }

  /** Answers for as long as the listener stays. */
  connect(response: ServerResponse, listening: Listening): void {
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    this.#listeners.set(response, listening);
    response.once('close', () => {
      this.#listeners.delete(response);
      listening.left?.();
    });
    response.write(listening.first);
  }

  /** `frames`: what `frame` gave. */
  send(frames: string): void {
    for (const response of this.#listeners.keys()) {
      if (response.writableLength > FARTHEST_BEHIND_BYTES) response.destroy();
      else response.write(frames);
    }
  }

  /** A comment: it shows a connection that is gone, and keeps proxies from ending one that is not. */
  beat(): void {
    for (const [response, { stillAllowed }] of this.#listeners) {
      if (stillAllowed?.() !== false) continue;
      this.#listeners.delete(response);
      response.end();
    }
    this.send(':\n\n');
  }

  close(): void {
    for (const response of this.#listeners.keys()) response.end();
    this.#listeners.clear();
  }
}

export function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data ?? null)}\n\n`;
}
