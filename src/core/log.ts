/** Logging: pino. At info and above, no line holds message text, a body or a secret. */
import { type DestinationStream, type LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const OPTIONS: LoggerOptions = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
};

/** A line waits this long for others to share its write, unless there are 8 kB of them. */
const FLUSH_EVERY_MS = 50;

/** JSON lines; for a person at a terminal, one readable line each. */
export async function createLogger({ level, terminal }: { level: string; terminal: boolean }) {
  if (!terminal)
    return pino(
      { ...OPTIONS, level },
      pino.destination({ fd: 1, sync: false, minLength: 8192, periodicFlush: FLUSH_EVERY_MS }),
    );
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss',
    hideObject: true,
    messageFormat: terminalLine,
  });
  return pino({ ...OPTIONS, level }, stream);
}

/** For tests and for whoever embeds the app: JSON lines into a stream. */
export function streamLogger(stream: DestinationStream, level = 'info') {
  return pino({ ...OPTIONS, level }, stream);
}

export const silentLogger = pino({ level: 'silent' });

/** What a person wants to see of a line; `--log-level` and JSON have the rest. */
function terminalLine(line: Readonly<Record<string, unknown>>): string {
  const { msg, err, source, topic, subject, verb, lane, outcome, code, detail, ms } = line;
  const written = (...parts: unknown[]) => parts.filter((part) => part !== undefined && part !== null).join(' ');
  const end = written(outcome, code, detail, ms === undefined ? null : `(${ms} ms)`);
  if (msg === 'webhook') return written('→', source, topic, subject, end);
  if (msg === 'delivery') return written('  ', verb, String(lane).replace(/^(channel|dm):/, ''), end);
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${err.stack}` : null;
  return written(msg, lane, stack);
}
