/** Slack's `ok: false`: an error code, and what it lists under `response_metadata.messages`. */
export class Refusal extends Error {
  readonly code: string;
  readonly messages: readonly string[];

  constructor(code: string, messages: readonly string[] = []) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.messages = messages;
  }
}
