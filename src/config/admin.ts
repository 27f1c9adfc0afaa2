/** The `admin:` block of the config. */
import type { Problem } from '../core/problem.ts';
import type { Secret } from '../core/secret.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import type { AdminSettings } from './config.ts';
import type { WrittenConfig } from './schema.ts';

type WrittenAdmin = WrittenConfig['admin'];

export function adminSettings({ host, port, token, read_only_token }: WrittenAdmin): AdminSettings {
  return { host, port, token: filled(token), readOnlyToken: filled(read_only_token) };
}

/** An empty one is none: `"${ADMIN_TOKEN:-}"`. */
function filled(token: Secret | undefined): Secret | null {
  return token === undefined || token.reveal() === '' ? null : token;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

export function checkAdmin(written: WrittenAdmin, document: SourceDocument): Problem[] {
  const { host, token, readOnlyToken } = adminSettings(written);
  const problem = (path: Path, message: string, remedy: string): Problem[] => [
    { ...document.place(path), code: 'admin-token', message, remedy },
  ];
  // Who reaches the listener can send messages again.
  if (!isLoopback(host) && token === null) {
    const message = `The admin listener on ${host} can be reached from other machines, and has no token.`;
    return problem(['admin', 'host'], message, `${SET_TOKEN}, or listen on 127.0.0.1.`);
  }
  if (readOnlyToken !== null && token === null) {
    const message = 'admin.read_only_token is set without admin.token, so everybody on this machine is an operator.';
    return problem(['admin', 'read_only_token'], message, `${SET_TOKEN}, or remove admin.read_only_token.`);
  }
  if (readOnlyToken !== null && readOnlyToken.reveal() === token?.reveal()) {
    const message = 'admin.read_only_token is the same as admin.token, so it would let its holders replay and dismiss.';
    return problem(['admin', 'read_only_token'], message, 'Choose another for one of them: `openssl rand -hex 32`.');
  }
  return [];
}

const SET_TOKEN = 'Set admin.token, for example to "${ADMIN_TOKEN}"';
