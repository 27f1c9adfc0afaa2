/**
 * Errors that end a command: each with a stable code and a text that says what to do. Errors a caller decides about
 * are values instead (Outcome, Problem).
 */
const CATALOGUE = {
  'not-started': () => 'The service has not been started.',
  'port-in-use': (where: string) =>
    `${where} is already in use. Stop what listens there, or choose another server.port in the config.`,
  'port-forbidden': (where: string) => `This user may not listen on ${where}. Choose a server.port above 1023.`,
  'cannot-listen': (where: string) => `Cannot listen on ${where}. Check server.host and server.port in the config.`,
  'admin-port-in-use': (where: string) =>
    `${where}, for the admin listener, is already in use. Stop what listens there, or choose another admin.port in the config.`,
  'admin-port-forbidden': (where: string) =>
    `This user may not listen on ${where} (the admin listener). Choose an admin.port above 1023.`,
  'admin-cannot-listen': (where: string) =>
    `The admin listener cannot listen on ${where}. Check admin.host and admin.port in the config.`,
  'sandbox-port-in-use': (where: string) =>
    `The sandbox cannot use ${where}: another program has that port. Stop it, or choose another with --sandbox-port.`,
  'sandbox-cannot-listen': (where: string) => `The sandbox cannot listen on ${where}.`,
  'no-slack-token': () =>
    'There is no Slack token. Set slack.token in the config (the Bot User OAuth Token, xoxb-…), or start with --sandbox to try it without Slack.',
  'no-journal': (path: string) =>
    `There is no journal at ${path} yet: no webhook was accepted. Name the config of the service with --config.`,
  'journal-unknown': (names: string) =>
    `The journal's address needs ${names}, which is not set here. Set it as it is set for the service.`,
  'service-out-of-reach': (why: string) =>
    `The journal is in use by a running service, and its admin listener cannot be asked: ${why}`,
  'service-not-found': (why: string) => `The service cannot be asked: ${why}`,
  'service-failed': (why: string) => `The running service did not do it: ${why}`,
  'backup-target': (why: string) => `The backup was not written: ${why}`,
  'not-a-backup': (why: string) => `Nothing was restored: ${why}`,
  'journal-exists': (path: string) =>
    `Nothing was restored: ${path} exists already. With --force it is kept under another name, and replaced.`,
  usage: (what: string) => what,
} as const;

export type RelayErrorCode = keyof typeof CATALOGUE;

export class RelayError extends Error {
  override readonly name = 'RelayError';
  readonly code: RelayErrorCode;

  constructor(code: RelayErrorCode, what = '') {
    super(CATALOGUE[code](what));
    this.code = code;
  }
}
