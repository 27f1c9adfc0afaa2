import { LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';

const SILENT: NonNullable<WebClientOptions['logger']> = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** A sandbox for one test, unthrottled unless asked, and the real client on it, set up as the relay sets it up. */
export async function open(options: Partial<SandboxOptions> = {}): Promise<{ sandbox: Sandbox; slack: WebClient }> {
  const sandbox = await startSandbox({ port: 0, limits: null, ...options });
  onTestFinished(() => sandbox.close());
  return { sandbox, slack: clientOf(sandbox) };
}

export function clientOf(sandbox: Sandbox, token = 'xoxb-test', options: WebClientOptions = {}): WebClient {
  return new WebClient(token, {
    slackApiUrl: sandbox.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: SILENT,
    ...options,
  });
}

/** What the call was refused with: Slack's code, or the client's. Fails when it was not refused. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => {
      throw new Error('the call went through');
    },
    (reason) => reason,
  );
  if (typeof error !== 'object' || error === null) return String(error);
  const platform: unknown = Reflect.get(Reflect.get(error, 'data') ?? {}, 'error');
  return String(platform ?? Reflect.get(error, 'code') ?? error);
}
