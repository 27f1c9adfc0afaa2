/** What the sandbox's page can have sent: samples, signed with the config's secrets as their senders would. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { adminUrl } from '../client/admin-url.ts';
import { Outbox } from '../client/outbox.ts';
import type { Delivery } from '../client/sender.ts';
import type { AdminSettings } from '../config/config.ts';
import { DELIVERY_STATES } from '../core/delivery.ts';
import { RelayError } from '../core/errors.ts';
import {
  BURST_EVENTS,
  type RelayStatus,
  type SampleEvents,
  type SampleSource,
  type SendOrder,
  type SendResult,
} from '../sandbox/panel/sample-events.ts';
import { CUSTOMERS, pick } from '../sources/sample-cast.ts';
import type { Source } from '../sources/source.ts';

/** Between the chapters of a story, so that a person can watch them arrive. */
const CHAPTER_PAUSE_MS = 900;
/** Of what comes out of order, the older is as old as this. */
const OLDER_BY_MS = 60_000;
const MOST_STORIES = 6;
const ASK_WITHIN_MS = 2_000;

/** Topics about one subject, in the order in which they happen. */
const OLDER = 'action_updated';
const NEWER = 'action_status_updated';

export interface SampleEventsOptions {
  readonly sources: readonly Source[];
  /** The public listener's, without a slash at the end. */
  readonly url: string;
  /** Where the admin listener is; null where there is none. */
  readonly admin: AdminSettings | null;
  readonly chapterPauseMs?: number;
}

export function createSampleEvents({
  sources,
  url,
  admin,
  chapterPauseMs = CHAPTER_PAUSE_MS,
}: SampleEventsOptions): SampleEvents {
  const outbox = new Outbox(url);
  return {
    sources: sources.map(sampleSource),
    dashboard: admin === null ? null : `${adminUrl(admin)}/`,
    status: () => (admin === null ? Promise.resolve(null) : relayStatus(admin)),
    async send(order) {
      if (order.kind === 'duplicate') return resultOf([await outbox.repeat()]);
      const source = sources.find(({ name }) => name === order.source);
      if (source === undefined) throw new RelayError('usage', `There is no source "${order.source}" in the config.`);
      if (order.kind === 'burst') return resultOf(await outbox.burst(source, BURST_EVENTS));
      const deliveries: Delivery[] = [];
      for (const { topic, agoMs } of chapters(order, source)) {
        if (deliveries.length > 0) await sleep(chapterPauseMs);
        deliveries.push(await outbox.send({ source, topic, story: order.story, agoMs }));
      }
      return resultOf(deliveries);
    },
  };
}

interface Chapter {
  readonly topic: string;
  /** It happened so long ago. */
  readonly agoMs: number;
}

function chapters(
  order: Extract<SendOrder, { kind: 'one' | 'story' | 'out_of_order' }>,
  { type }: Source,
): readonly Chapter[] {
  switch (order.kind) {
    case 'one':
      return [{ topic: order.topic, agoMs: 0 }];
    case 'story':
      return topicsOf(type).flatMap((topic) => (isOldName(topic) ? [] : [{ topic, agoMs: 0 }]));
    case 'out_of_order':
      return [
        { topic: NEWER, agoMs: 0 },
        { topic: OLDER, agoMs: OLDER_BY_MS },
      ];
  }
}

function sampleSource(source: Source): SampleSource {
  const topics = topicsOf(source.type);
  return {
    name: source.name,
    topics: topics.filter((topic) => !isOldName(topic)),
    oldTopics: topics.filter(isOldName),
    stories: storyTitles(source),
    reorders: topics.includes(OLDER) && topics.includes(NEWER),
  };
}

function topicsOf(type: Source['type']): readonly string[] {
  return type.samples.map(({ topic }) => topic);
}

/** Allo's first version shouts. */
function isOldName(topic: string): boolean {
  return topic === topic.toUpperCase();
}

/** What the first stories are about, until they come round again. */
function storyTitles(source: Source): readonly string[] {
  const [sample] = source.type.samples;
  const titles = Array.from({ length: MOST_STORIES }, (_, index) => {
    const fields = source.examine(sample?.build({ index, nowMs: 0 }), 0).fields;
    const title = fields.find(({ field }) => field === 'action_title')?.value;
    const { first, last, company } = pick(CUSTOMERS, index);
    return typeof title === 'string' ? title : `${first} ${last}, ${company}`;
  });
  return [...new Set(titles)];
}

function resultOf(deliveries: readonly Delivery[]): SendResult {
  return {
    topic: deliveries.at(-1)?.topic ?? null,
    sent: deliveries.length,
    accepted: deliveries.filter(({ ok }) => ok).length,
    slowestMs: Math.max(0, ...deliveries.map(({ ms }) => Math.round(ms))),
    trouble: deliveries.find(({ ok }) => !ok)?.detail ?? null,
  };
}

const tally = z.object({ deliveries: z.record(z.enum(DELIVERY_STATES), z.number()) });

async function relayStatus(admin: AdminSettings): Promise<RelayStatus | null> {
  try {
    const response = await fetch(`${adminUrl(admin)}/api/status`, {
      headers: admin.token === null ? {} : { authorization: `Bearer ${admin.token.reveal()}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(ASK_WITHIN_MS),
    });
    const { pending, sending, ...rest } = tally.parse(await response.json()).deliveries;
    return { waiting: pending + sending, ...rest };
  } catch {
    return null;
  }
}
