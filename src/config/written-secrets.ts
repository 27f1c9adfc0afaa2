/** Secrets that stand in the config file itself, where everybody who reads, copies or commits it has them. */
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { SOURCE_TYPES } from '../sources/registry.ts';
import { addressPath } from './journal.ts';
import type { WrittenConfig } from './schema.ts';

const SECRET_HEADER = /auth|key|token|secret/i;

/** Warnings, one a secret. Never shows any of it. */
export function literalSecrets(written: WrittenConfig, document: SourceDocument): Problem[] {
  const { slack, admin, sources, telemetry } = written;
  const secrets: [path: Path, variable: string][] = [];
  if (slack.token !== undefined) secrets.push([['slack', 'token'], 'SLACK_BOT_TOKEN']);
  if (admin.token !== undefined) secrets.push([['admin', 'token'], 'ADMIN_TOKEN']);
  if (admin.read_only_token !== undefined) secrets.push([['admin', 'read_only_token'], 'ADMIN_READ_ONLY_TOKEN']);
  for (const [name, source] of Object.entries(sources)) {
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_WEBHOOK_SECRET`;
    source.secrets.forEach((secret, index) => {
      // A public key is nobody's secret.
      if (SOURCE_TYPES[source.type].canSign(secret.reveal()))
        secrets.push([['sources', name, 'secrets', index], variable]);
    });
  }
  for (const name of Object.keys(telemetry.otlp?.headers ?? {})) {
    if (SECRET_HEADER.test(name)) secrets.push([['telemetry', 'otlp', 'headers', name], 'OTLP_TOKEN']);
  }
  const address = addressPath(written.journal);
  const literal = secrets.filter(([path]) => isLiteral(document.asWritten(path) ?? ''));
  if (isLiteral(passwordIn(document.asWritten(address) ?? ''))) literal.push([address, 'DATABASE_URL']);
  return literal.map(([path, variable]) => ({
    ...document.place(path),
    severity: 'warning',
    code: 'secret-in-file',
    message: 'This secret stands in the file, for everybody who can read it.',
    remedy: `Write "\${${variable}}" here, and set ${variable} in the environment of the service.`,
  }));
}

/** Of the address of a database, which may be the default of a variable. */
function passwordIn(address: string): string {
  return /postgres(?:ql)?:\/\/[^:@/]*:(.*)@/s.exec(address)?.[1] ?? '';
}

/** Also where it is the default of a variable. A variable without its braces is reported as that. */
function isLiteral(written: string): boolean {
  if (/^\$\(?[A-Z_][A-Z0-9_]+\)?$/.test(written)) return false;
  return written !== '' && (!written.includes('${') || /\$\{[A-Za-z_]\w*:-[^}]/.test(written));
}
