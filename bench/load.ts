/**
 * The load generator, a process of its own: gets a LoadJob, answers with a LoadReport. Every request is signed before
 * the first one leaves, and goes out on raw keep-alive connections; any answer but 200 ends the run.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from './clock.ts';
import { signedRequest } from './events.ts';
import { answer } from './processes.ts';

export interface LoadJob {
  /** Each connection goes to the next of them. */
  readonly urls: readonly [string, ...string[]];
  readonly secret: string;
  /** Events before those that are measured. */
  readonly warmUp: number;
  readonly count: number;
  /** Each sends its next event once the one before is answered. With `perSecond`: only how many there are at first. */
  readonly connections: number;
  /** Events leave at this rate, whatever the answers do. */
  readonly perSecond: number | null;
}

export interface LoadReport {
  /** When the first measured event left and the last answer came; ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** When each event left, by its number, warm-up included. */
  readonly sentAt: readonly number[];
  /** When it was answered. */
  readonly answeredAt: readonly number[];
  /** The share of one processor that this process took: near 1, it was the load that set the pace. */
  readonly busy: number;
}

/** A receiver that keeps a sender waiting longer is broken. */
const ANSWER_WITHIN_MS = 30_000;

class Connection {
  readonly #socket: Socket;
  #received = '';
  #waiting: PromiseWithResolvers<void> | null = null;

  constructor(url: URL) {
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.setTimeout(ANSWER_WITHIN_MS, () => this.#end('no answer in time'));
    this.#socket.on('data', (chunk: string) => this.#take(chunk));
    this.#socket.on('error', ({ message }) => this.#end(message));
    this.#socket.on('close', () => this.#end('connection closed'));
  }

  /** Resolves when the request is answered with 200, rejects otherwise. */
  send(request: Buffer): Promise<void> {
    this.#waiting = Promise.withResolvers<void>();
    if (this.#socket.destroyed) this.#end('a connection was closed between two requests');
    else this.#socket.write(request);
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1]);
    if (this.#received.length < head + 4 + length) return;
    if (Number.isNaN(length) || !this.#received.startsWith('HTTP/1.1 200 ')) {
      this.#end(`it was answered ${this.#received.slice(0, 500)}`);
      return;
    }
    this.#received = '';
    this.#waiting?.resolve();
  }

  #end(why: string): void {
    this.#waiting?.reject(new Error(`The load generator stopped: ${why}.`));
    this.#socket.destroy();
  }
}

class Load {
  readonly #job: LoadJob;
  readonly #urls: readonly [URL, ...URL[]];
  readonly #requests: readonly Buffer[];
  readonly #connections: Connection[];
  readonly #sentAt: number[] = [];
  readonly #answeredAt: number[] = [];

  constructor(job: LoadJob) {
    this.#job = job;
    const [first, ...others] = job.urls;
    this.#urls = [new URL(first), ...others.map((url) => new URL(url))];
    const signing = { url: this.#urls[0], secret: job.secret };
    this.#requests = Array.from({ length: job.warmUp + job.count }, (_, n) => signedRequest(n, signing));
    this.#connections = [];
    for (let count = 0; count < job.connections; count++) this.#another();
  }

  async run(): Promise<LoadReport> {
    const { warmUp, count, perSecond } = this.#job;
    const send = (from: number, to: number) =>
      perSecond === null ? this.#inTurn(from, to) : this.#atRate(from, to, perSecond);
    await send(0, warmUp);
    const startedAt = now();
    const { user, system } = process.cpuUsage();
    await send(warmUp, warmUp + count);
    const endedAt = now();
    const used = process.cpuUsage();
    for (const connection of this.#connections) connection.close();
    const busy = (used.user + used.system - user - system) / 1000 / (endedAt - startedAt);
    return { startedAt, endedAt, sentAt: this.#sentAt, answeredAt: this.#answeredAt, busy };
  }

  /** Event `n` always goes out on the same connection, so that the events of one call are in order. */
  async #inTurn(from: number, to: number): Promise<void> {
    const { length } = this.#connections;
    await Promise.all(
      this.#connections.map(async (connection, index) => {
        for (let n = from + ((index - (from % length) + length) % length); n < to; n += length) {
          await this.#send(connection, n);
        }
      }),
    );
  }

  async #atRate(from: number, to: number, perSecond: number): Promise<void> {
    const started = now();
    const sending: Promise<void>[] = [];
    const idle = [...this.#connections];
    for (let n = from; n < to; n++) {
      await sleep(Math.max(0, started + ((n - from) * 1000) / perSecond - now()));
      // In turn, so that none is idle for so long that the server closes it.
      const connection = idle.shift() ?? this.#another();
      sending.push(this.#send(connection, n).then(() => void idle.push(connection)));
    }
    await Promise.all(sending);
  }

  #another(): Connection {
    const url = this.#urls[this.#connections.length % this.#urls.length] ?? this.#urls[0];
    const connection = new Connection(url);
    this.#connections.push(connection);
    return connection;
  }

  async #send(connection: Connection, n: number): Promise<void> {
    const request = this.#requests[n];
    if (request === undefined) throw new Error(`There is no event ${n}.`);
    this.#sentAt[n] = now();
    await connection.send(request);
    this.#answeredAt[n] = now();
  }
}

answer((job: LoadJob) => new Load(job).run());
