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
  'sandbox-port-in-use': (where: string) =>
    `The sandbox cannot use ${where}: another program has that port. Stop it, or choose another with --sandbox-port.`,
  'sandbox-cannot-listen': (where: string) => `The sandbox cannot listen on ${where}.`,
  'no-slack-token': () =>
    'There is no Slack token. Set slack.token in the config (the Bot User OAuth Token, xoxb-…), or start with --sandbox to try it without Slack.',
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
