import { createContext, Fragment, type ReactNode, useContext, useMemo } from 'react';
import { formatDate } from './dates.ts';
import { type Node, parseMrkdwn, parsePlain } from './mrkdwn.ts';

/** Names by id, for mentions. */
export interface Names {
  readonly people: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, string>>;
}

export const NamesContext = createContext<Names>({ people: {}, channels: {} });

export function Mrkdwn({ source }: { readonly source: string }): ReactNode {
  const nodes = useMemo(() => parseMrkdwn(source), [source]);
  return <Nodes nodes={nodes} />;
}

export function PlainText({ source, emoji }: { readonly source: string; readonly emoji: boolean }): ReactNode {
  const nodes = useMemo(() => parsePlain(source, emoji), [source, emoji]);
  return <Nodes nodes={nodes} />;
}

function Nodes({ nodes }: { readonly nodes: readonly Node[] }): ReactNode {
  // A text never changes its nodes one by one, so their place is their identity.
  return nodes.map((node, index) => <Fragment key={`${index}-${node.kind}`}>{show(node)}</Fragment>);
}

function show(node: Node): ReactNode {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'break':
      return <br />;
    case 'bold':
      return <Styled as="strong" nodes={node.children} />;
    case 'italic':
      return <Styled as="em" nodes={node.children} />;
    case 'strike':
      return <Styled as="s" nodes={node.children} />;
    case 'quote':
      return <span className="quote">{<Nodes nodes={node.children} />}</span>;
    case 'code':
      return <code className="code">{node.text}</code>;
    case 'pre':
      return <code className="code-block">{node.text}</code>;
    case 'emoji':
      return (
        <span className="emoji" role="img" aria-label={node.name} title={`:${node.name}:`}>
          {node.character}
        </span>
      );
    case 'link':
      return (
        <a href={node.url} target="_blank" rel="noopener noreferrer">
          {node.label}
        </a>
      );
    case 'user':
    case 'channel':
      return <Mention kind={node.kind} id={node.id} label={node.label} />;
    case 'broadcast':
      return <span className="mention mention-broadcast">{node.label}</span>;
    case 'date':
      return <time>{formatDate(node.seconds, node.format) ?? node.fallback}</time>;
  }
}

function Styled({ as: Tag, nodes }: { readonly as: 'strong' | 'em' | 's'; readonly nodes: readonly Node[] }) {
  return (
    <Tag>
      <Nodes nodes={nodes} />
    </Tag>
  );
}

export function Mention(props: {
  readonly kind: 'user' | 'channel';
  readonly id: string;
  readonly label: string | null;
}) {
  const names = useContext(NamesContext);
  const name = (props.kind === 'user' ? names.people : names.channels)[props.id] ?? props.label ?? props.id;
  return (
    <span className="mention">
      {props.kind === 'user' ? '@' : '#'}
      {name}
    </span>
  );
}
