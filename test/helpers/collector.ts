/** An OpenTelemetry collector as far as it takes traces: OTLP over HTTP, in JSON. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const value = z.object({ stringValue: z.string().optional(), intValue: z.coerce.number().optional() });
const attributes = z
  .array(z.object({ key: z.string(), value: z.looseObject(value.shape) }))
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? value.intValue])));

const span = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes: attributes.default({}),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  status: z.object({ code: z.number().default(0) }),
});

const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

export type CollectedSpan = z.output<typeof span>;

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: CollectedSpan[];
  /** Of the resource that sent last. */
  resource: Record<string, string | number | undefined>;
  headers: IncomingHttpHeaders;
  /** All that was received, as it came. */
  readonly bodies: string[];
  /** What it does with a request: takes it, refuses it, or never answers. */
  mood: 'takes' | 'refuses' | 'hangs';
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const server = createServer(async (incoming, answer) => {
    let body = '';
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
    if (collector.mood === 'hangs') return;
    if (collector.mood === 'refuses' || incoming.url !== '/v1/traces' || incoming.method !== 'POST') {
      answer.writeHead(400).end();
      return;
    }
    const { resourceSpans } = request.parse(JSON.parse(body));
    for (const { resource, scopeSpans } of resourceSpans) {
      collector.resource = resource.attributes;
      for (const { spans } of scopeSpans) collector.spans.push(...spans);
    }
    collector.headers = incoming.headers;
    collector.bodies.push(body);
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const collector: Collector = {
    endpoint: `http://127.0.0.1:${port}`,
    spans: [],
    resource: {},
    headers: {},
    bodies: [],
    mood: 'takes',
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return collector;
}
