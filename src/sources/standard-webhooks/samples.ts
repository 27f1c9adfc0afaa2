/** Any other sender that follows Standard Webhooks: `type`, `timestamp`, `data`. */
import { CUSTOMERS, pick, STAFF } from '../sample-cast.ts';
import type { Sample, Variation } from '../source-type.ts';

function payload(type: string, nowMs: number, data: object): Readonly<Record<string, unknown>> {
  return { type, timestamp: new Date(nowMs).toISOString(), data };
}

export const STANDARD_SAMPLES: readonly Sample[] = [
  {
    topic: 'invoice.paid',
    build: ({ index, nowMs }: Variation) =>
      payload('invoice.paid', nowMs, {
        id: `inv_${2000 + index}`,
        title: `Invoice ${2000 + index}, ${pick(CUSTOMERS, index).company}`,
        status: 'paid',
        amount: 1200 + 35 * index,
        currency: 'EUR',
        url: `https://billing.example.com/invoices/${2000 + index}`,
      }),
  },
  {
    topic: 'deployment.failed',
    build: ({ index, nowMs }: Variation) =>
      payload('deployment.failed', nowMs, {
        id: `dep_${300 + index}`,
        title: `booking-site, build ${300 + index}`,
        status: 'failed',
        description: 'Health check did not answer within 60 s; the previous build stays live.',
        actor: pick(STAFF, index),
        url: `https://ci.example.com/builds/${300 + index}`,
      }),
  },
];
