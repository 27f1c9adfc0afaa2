/** A block of type `markdown`. In a file of its own because of its parser, which few messages need. */
import type { ReactNode } from 'react';
import { mrkdwnOf } from '../slack-format/markdown.ts';
import { Mrkdwn } from './text.tsx';

export function Markdown({ source }: { readonly source: string }): ReactNode {
  return <Mrkdwn source={mrkdwnOf(source)} />;
}
