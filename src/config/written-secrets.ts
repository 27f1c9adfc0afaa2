/** Secrets that stand in the config file itself, where everybody who reads, copies or commits it has them. */
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import type { WrittenConfig } from './schema.ts';

/** Warnings, one a secret. Never shows any of it. */
export function literalSecrets(written: WrittenConfig, document: SourceDocument): Problem[] {
  const { slack, admin, sources } = written;
  const secrets: [path: Path, variable: string][] = [];
  if (slack.token !== undefined) secrets.push([['slack', 'token'], 'SLACK_BOT_TOKEN']);
  if (admin.token !== undefined) secrets.push([['admin', 'token'], 'ADMIN_TOKEN']);
  for (const [name, source] of Object.entries(sources)) {
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_WEBHOOK_SECRET`;
    source.secrets.forEach((_, index) => {
      secrets.push([['sources', name, 'secrets', index], variable]);
    });
  }
  return secrets
    .filter(([path]) => isLiteral(document.asWritten(path) ?? ''))
    .map(([path, variable]) => ({
      ...document.place(path),
      severity: 'warning',
      code: 'secret-in-file',
      message: 'This secret stands in the file, for everybody who can read it.',
      remedy: `Write "\${${variable}}" here, and set ${variable} in the environment of the service.`,
    }));
}

/** Also where it is the default of a variable. */
function isLiteral(written: string): boolean {
  return written !== '' && (!written.includes('${') || /\$\{[A-Za-z_]\w*:-[^}]/.test(written));
}
