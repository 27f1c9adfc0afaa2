/** Logging: pino. At info and above, no line holds message text, a body or a secret. */
import { type DestinationStream, type LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const OPTIONS: LoggerOptions = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
};

/** A line waits this long for others to share its write, unless there are 4 kB of them. */
const FLUSH_EVERY_MS = 50;

/** JSON lines; for a person at a terminal, one readable line each. */
export async function createLogger({ level, terminal }: { level: string; terminal: boolean }) {
  if (!terminal)
    return pino(
      { ...OPTIONS, level },
      pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: FLUSH_EVERY_MS }),
    );
  const { default: pretty } = await import('pino-pretty');
  const stream = pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true });
  return pino({ ...OPTIONS, level }, stream);
}

/** For tests and for whoever embeds the app: JSON lines into a stream. */
export function streamLogger(stream: DestinationStream, level = 'info') {
  return pino({ ...OPTIONS, level }, stream);
}

export const silentLogger = pino({ level: 'silent' });
