/** Reads what strace writes down: the system calls of all threads of a program, in the order in which they happened. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface SystemCall {
  readonly name: string;
  /** What its descriptor leads to: a path, or `socket:[…]`; the descriptor itself is a part of it. */
  readonly descriptor: string;
  /** What was read or written, a character per byte. */
  readonly data: string;
  readonly result: number;
  /** Lines of the trace. One call was over before another began where its `ended` is less than the other's `began`. */
  readonly began: number;
  readonly ended: number;
}

/** Runs a program under strace, as our own child: `[...tracing(file), 'node', …]`. All calls are on descriptors. */
export function tracing(file: string, calls: readonly string[]): string[] {
  // A thread outlives no other here, so the trace ends with the program.
  return ['strace', '-D', '-f', '--seccomp-bpf', '-y', '-xx', '-s', '70000', '-e', `trace=${calls.join()}`, '-o', file];
}

/** Why nothing can be traced here; null: it can. */
export function whyNoTrace(): string | null {
  try {
    execFileSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return null;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? 'there is no strace' : 'strace may trace nothing here';
  }
}

const BEGINS = /^(?<thread>\d+) +(?<name>\w+)\((?<descriptor>\d+<.*?>)(?=[,)]| <)(?<rest>.*)$/;
const RESUMES = /^(?<thread>\d+) +<\.\.\. \w+ resumed>(?<rest>.*)$/;
const UNFINISHED = ' <unfinished ...>';

/** In the order in which they ended. */
export function readTrace(file: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, { began: number; name: string; descriptor: string; rest: string }>();
  for (const [line, text] of readFileSync(file, 'latin1').split('\n').entries()) {
    const { thread = '', rest = '', name, descriptor } = (BEGINS.exec(text) ?? RESUMES.exec(text))?.groups ?? {};
    const before = unfinished.get(thread);
    if (name !== undefined && descriptor !== undefined && rest.endsWith(UNFINISHED)) {
      unfinished.set(thread, { began: line, name, descriptor, rest: rest.slice(0, -UNFINISHED.length) });
    } else if (name !== undefined && descriptor !== undefined) {
      calls.push({ name, descriptor: plain(descriptor), ...facts(rest), began: line, ended: line });
    } else if (before !== undefined) {
      unfinished.delete(thread);
      const whole = { ...before, descriptor: plain(before.descriptor), ...facts(before.rest + rest) };
      const { name, descriptor, data, result, began } = whole;
      calls.push({ name, descriptor, data, result, began, ended: line });
    }
  }
  return calls;
}

function facts(rest: string): Pick<SystemCall, 'data' | 'result'> {
  const strings = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => plain(hex));
  return { data: strings.join(''), result: Number(/ = (-?\d+)[^=]*$/.exec(rest)?.[1]) };
}

function plain(escaped: string): string {
  return escaped.replace(/(?:\\x[0-9a-f]{2})+/g, (hex) =>
    Buffer.from(hex.replaceAll('\\x', ''), 'hex').toString('latin1'),
  );
}
