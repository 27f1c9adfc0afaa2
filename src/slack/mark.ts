/** What our messages carry in their metadata, so that they are recognised later. */
import { objectAt, textAt } from './response-fields.ts';

const EVENT_TYPE = 'alo_relay_delivery';

/** The metadata of a message that brings a delivery, as JSON. */
export function markOf(deliveryId: string): string {
  return JSON.stringify({ event_type: EVENT_TYPE, event_payload: { delivery_id: deliveryId } });
}

/** Whether a message, as Slack gives it back, brings this delivery. */
export function bears(message: object, deliveryId: string): boolean {
  const metadata = objectAt(message, 'metadata');
  if (textAt(metadata, 'event_type') !== EVENT_TYPE) return false;
  return textAt(objectAt(metadata, 'event_payload'), 'delivery_id') === deliveryId;
}
