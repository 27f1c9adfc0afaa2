/** Logging: pino. At info and above, no line holds message text, a body or a secret. */
import { type DestinationStream, type LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const OPTIONS: LoggerOptions = {
  base: null,
  serializers: { err: (error: unknown) => errorFacts(error) },
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
};

/** A line waits this long for others to share its write, unless there are 8 kB of them. */
const FLUSH_EVERY_MS = 50;

interface ErrorFacts {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack: string;
  readonly cause?: ErrorFacts;
}

const DEEPEST_CAUSE = 4;

/**
 * An error's class, code, message and stack, and nothing else that hangs on it: HTTP parsers attach the raw request,
 * database drivers the values of a statement. `SyntaxError` messages quote what was parsed, so they are left out.
 */
function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error', stack: '' };
  const { name, cause } = error;
  const message = error instanceof SyntaxError ? '(not logged: it may quote a message)' : error.message;
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    type: name,
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    message,
    stack: [`${name}: ${message}`, ...frames].join('\n'),
    ...(cause instanceof Error && depth < DEEPEST_CAUSE && { cause: errorFacts(cause, depth + 1) }),
  };
}

export interface LogOptions {
  readonly level: string;
  /** For a person: one readable line each. */
  readonly terminal: boolean;
  /** For systemd's journal: JSON lines, each with its priority before it. */
  readonly journal?: boolean;
}

/** JSON lines, where no person reads them. */
export async function createLogger({ level, terminal, journal = false }: LogOptions) {
  if (!terminal) {
    const lines = pino.destination({ fd: 1, sync: false, minLength: 8192, periodicFlush: FLUSH_EVERY_MS });
    return pino({ ...OPTIONS, level }, journal ? withPriority(lines) : lines);
  }
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss',
    hideObject: true,
    messageFormat: terminalLine,
  });
  return pino({ ...OPTIONS, level }, stream);
}

/** syslog's number of each of pino's levels (sd-daemon(3)): `journalctl -p warning` selects by it. */
const PRIORITIES: Readonly<Record<number, number>> = { 60: 2, 50: 3, 40: 4, 30: 6, 20: 7, 10: 7 };

/** The journal takes the priority off each line. */
export function withPriority(lines: DestinationStream): DestinationStream {
  const stream = {
    // Asks pino to set `lastLevel` before each write.
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write: (line: string) => lines.write(`<${PRIORITIES[stream.lastLevel]}>${line}`),
  };
  return stream;
}

/** For tests and for whoever embeds the app: JSON lines into a stream. */
export function streamLogger(stream: DestinationStream, level = 'info') {
  return pino({ ...OPTIONS, level }, stream);
}

export const silentLogger = pino({ level: 'silent' });

/** Shown by other means, or of no use to a person. */
const NOT_LISTED: ReadonlySet<string> = new Set([
  'level',
  'time',
  'msg',
  'err',
  'detail',
  'at',
  'code',
  'request_id',
  'key',
]);

/** What a person wants to see of a line; JSON has the rest. */
export function terminalLine(line: Readonly<Record<string, unknown>>): string {
  const { msg, err, source, topic, subject, verb, lane, outcome, code, detail, client, ms } = line;
  const written = (...parts: unknown[]) => parts.filter((part) => part !== undefined && part !== null).join(' ');
  const end = written(outcome, code, detail, ms === undefined ? null : `(${ms} ms)`);
  const from = msg === 'webhook refused' && typeof client === 'string' ? `from ${client}` : null;
  if (msg === 'webhook' || msg === 'webhook refused') return written('→', source, topic, subject, from, end);
  if (msg === 'delivery') return written('  ', verb, String(lane).replace(/^(channel|dm):/, ''), end);
  const listed = Object.entries(line)
    .filter(([key, value]) => !NOT_LISTED.has(key) && typeof value !== 'object')
    .map(([key, value]) => `${key}=${value}`);
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${err.stack}` : null;
  const said = detail ?? code;
  return written(said === undefined ? msg : `${msg}: ${said}`, ...listed, stack);
}
