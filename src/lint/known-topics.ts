/** Topics that a route waits for and that nobody it listens to is known to send. */
import type { Problem } from '../core/problem.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { closest } from '../language/schema.ts';
import type { WrittenRoute } from '../routing/schema.ts';

/** What is known of whoever sends to a source. */
export interface Sender {
  /** As people call it. */
  readonly product: string;
  /** The source's `type`. */
  readonly type: string;
  /** Null: it may send anything. */
  readonly topics: readonly string[] | null;
}

export interface Senders {
  /** By the source's name. */
  readonly bySource: ReadonlyMap<string, Sender>;
  /** Every product there is, whether it is a source here or not. */
  readonly products: readonly Sender[];
  /** Names that a sender's documentation uses for a topic that is read as another. */
  readonly aliases: ReadonlyMap<string, string>;
}

type Finding = Pick<Problem, 'code' | 'message' | 'remedy'>;

/** Warnings: the senders' lists grow. A topic with a `*` in it is never doubted. */
export function unknownTopics(
  routes: readonly WrittenRoute[],
  document: SourceDocument,
  { base, senders }: { readonly base: Path; readonly senders: Senders },
): Problem[] {
  return routes.flatMap((route, at) =>
    route.on.flatMap((topic, index): Problem[] => {
      const finding = topic.includes('*') ? null : doubt(topic, route, senders);
      const place = document.place([...base, at, 'on', index]);
      return finding === null ? [] : [{ ...place, severity: 'warning', ...finding }];
    }),
  );
}

function doubt(topic: string, { source }: WrittenRoute, senders: Senders): Finding | null {
  const heard = (source ?? [...senders.bySource.keys()]).flatMap((name) => senders.bySource.get(name) ?? []);
  if (heard.length === 0 || heard.some(({ topics }) => topics === null || topics.includes(topic))) return null;
  const readAs = senders.aliases.get(topic);
  if (readAs !== undefined) {
    const message = `An event never has the topic "${topic}": it is read as "${readAs}".`;
    return { code: 'unknown-topic', message, remedy: `Write ${readAs}.` };
  }
  const owner = senders.products.find(({ topics }) => topics?.includes(topic));
  return owner === undefined ? unknown(topic, heard) : misplaced(topic, owner, { source, senders });
}

function unknown(topic: string, heard: readonly Sender[]): Finding {
  const products = [...new Set(heard.map(({ product }) => product))].join(' or ');
  const topics = [...new Set(heard.flatMap((sender) => sender.topics ?? []))];
  const near = closest(topic, topics);
  return {
    code: 'unknown-topic',
    message: `"${topic}" is no topic that ${products} is known to send.`,
    remedy: `${near === null ? '' : `Did you mean "${near}"? `}Known: ${topics.join(', ')}. One that is new there is written with a *: "${topic}*".`,
  };
}

function misplaced(
  topic: string,
  { product, type }: Sender,
  { source, senders }: { readonly source: readonly string[] | undefined; readonly senders: Senders },
): Finding {
  const names = [...senders.bySource].filter(([, sender]) => sender.type === type).map(([name]) => name);
  const code = 'topic-of-other-source';
  if (names.length === 0 || source === undefined) {
    const message = `"${topic}" is a topic of ${product}, and there is no source of type ${type}.`;
    return { code, message, remedy: `Add one under sources, or remove the topic here.` };
  }
  const only = source.map((name) => `"${name}"`).join(' and ');
  const message = `"${topic}" is a topic of ${product}, and this route only takes what comes from ${only}.`;
  return { code, message, remedy: `Write source: ${names[0]} (or leave source out), or remove the topic here.` };
}
