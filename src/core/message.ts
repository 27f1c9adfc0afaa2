/** A message as a template renders it and Slack takes it, within Slack's limits. */
export interface RenderedMessage {
  /** mrkdwn. The whole message where there are no blocks, else the notification's text. */
  readonly text: string;
  /** Block Kit. */
  readonly blocks?: readonly Block[];
  /** One line: the notification, and the line in a digest. */
  readonly summary: string;
}

export type Block = { readonly type: string } & Readonly<Record<string, unknown>>;
