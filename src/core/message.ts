/** A message as a template renders it and Slack takes it, within Slack's limits. */
export interface RenderedMessage {
  /** mrkdwn. The whole message where there are no blocks, else the notification's text. */
  readonly text: string;
  /** Block Kit. */
  readonly blocks?: readonly Block[];
  /** `good`, `warning`, `danger` or `#rrggbb`: the bar beside the blocks, which are there then. */
  readonly color?: string;
  /** One line: the notification, and the line in a digest. */
  readonly summary: string;
  /** The text does not say all that the blocks do: where they are refused, the message is. */
  readonly blocksOnly?: true;
}

export type Block = { readonly type: string } & Readonly<Record<string, unknown>>;
