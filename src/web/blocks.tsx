/**
 * Block Kit, laid out by `slack-blocks-to-jsx`; its texts are ours. Every text object is replaced by a stand-in mention
 * (`<@TEXT-3>`), for which the renderer asks our hook, and the hook shows the real text (see mrkdwn.ts for why).
 */
import { Component, createContext, lazy, type ReactNode, Suspense, useContext, useMemo } from 'react';
import { Message as Kit, type Block as KitBlock, type MessageProps } from 'slack-blocks-to-jsx';
import type { Block } from '../core/message.ts';
import { emojiCharacter } from './emoji.ts';
import { type PreparedText, prepareBlock } from './prepare.ts';
import { Mention, Mrkdwn, PlainText } from './text.tsx';

const Markdown = lazy(async () => ({ default: (await import('./markdown.tsx')).Markdown }));

const TextsContext = createContext<readonly PreparedText[]>([]);

// The renderer keeps the hooks of its first render: they must not hold anything of a message.
const HOOKS: NonNullable<MessageProps['hooks']> = {
  user: ({ id }) => <UserOrText id={id} />,
  channel: ({ id, name }) => <Mention kind="channel" id={id} label={name} />,
  emoji: (emoji, parse) => emojiCharacter(emoji.name) ?? parse(emoji),
};

interface BlocksProps {
  readonly blocks: readonly Block[];
  readonly dark: boolean;
}

/** Block by block, so that one that cannot be shown leaves the others alone. */
export function Blocks({ blocks, dark }: BlocksProps): ReactNode {
  // Blocks have no identity but their place: an update replaces them all.
  return blocks.map((block, index) => <OneBlock key={`${index}-${block.type}`} block={block} dark={dark} />);
}

function OneBlock({ block, dark }: { readonly block: Block; readonly dark: boolean }): ReactNode {
  const prepared = useMemo(() => prepareBlock(block), [block]);
  const note = <p className="not-shown">A block of type {block.type}, which the sandbox does not show</p>;
  if (block.type === 'markdown') {
    const source = String(block.text ?? '');
    return (
      <div className="message-text">
        <Suspense fallback={source}>
          <Markdown source={source} />
        </Suspense>
      </div>
    );
  }
  if (prepared === null) return note;
  return (
    <Guard key={prepared.key} fallback={note}>
      <TextsContext value={prepared.texts}>
        <Kit
          // The server has checked the blocks; whatever the renderer still chokes on ends in the guard.
          blocks={[prepared.block as KitBlock]}
          hooks={HOOKS}
          logo=""
          name=""
          theme={dark ? 'dark' : 'light'}
          withoutWrapper
        />
      </TextsContext>
    </Guard>
  );
}

function UserOrText({ id }: { readonly id: string }): ReactNode {
  const texts = useContext(TextsContext);
  const text = /^TEXT-(\d+)$/.exec(id);
  const found = text === null ? undefined : texts[Number(text[1])];
  if (found === undefined) return <Mention kind="user" id={id} label={null} />;
  if (found.type === 'mrkdwn') return <Mrkdwn source={found.text} />;
  return <PlainText source={found.text} emoji={found.emoji} />;
}

class Guard extends Component<{ readonly fallback: ReactNode; readonly children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}
