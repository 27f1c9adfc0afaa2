import type { Kysely } from 'kysely';
import type { Tables } from '../schema.ts';
import { acceptHandlers, storeDeliveryWith } from './accept.ts';
import { accountHandlers } from './accounts.ts';
import { attemptHandlers, keepAttemptWith } from './attempts.ts';
import { backlogHandlers } from './backlog.ts';
import { cardHandlers, saveCardWith } from './cards.ts';
import { channelHandlers, saveChannelWith } from './channels.ts';
import { conflictHandlers } from './conflicts.ts';
import { progressHandlers } from './deliveries.ts';
import { dismissHandlers } from './dismiss.ts';
import { eventHandlers } from './events.ts';
import type { Handlers } from './handlers.ts';
import { healthHandlers } from './health.ts';
import { heldHandlers } from './held.ts';
import type { Hooks } from './hooks.ts';
import { inspectionHandlers } from './inspection.ts';
import { laneHandlers } from './lanes.ts';
import { peopleHandlers } from './people.ts';
import { pruneHandlers } from './prune.ts';
import { refusalHandlers } from './refusals.ts';
import { replayHandlers } from './replay.ts';
import { searchHandlers } from './search.ts';
import { countOccurrenceWith } from './thresholds.ts';

/** How each operation is done. */
export function handlersOf(db: Kysely<Tables>, { enqueue, sweepLocks, findText, room }: Hooks): Handlers {
  const saveCard = saveCardWith(db);
  const saveChannel = saveChannelWith(db);
  const keepAttempt = keepAttemptWith(db);
  const storeDelivery = storeDeliveryWith(db);
  return {
    ...acceptHandlers(db, { storeDelivery, countOccurrence: countOccurrenceWith(db) }),
    ...laneHandlers(db),
    ...progressHandlers(db, { saveCard, saveChannel, keepAttempt }),
    ...heldHandlers(db, enqueue),
    ...replayHandlers(db, { storeDelivery, enqueue }),
    ...accountHandlers(db),
    ...eventHandlers(db),
    ...conflictHandlers(db),
    ...dismissHandlers(db),
    ...refusalHandlers(db),
    ...cardHandlers(db, saveCard),
    ...channelHandlers(db),
    ...peopleHandlers(db),
    ...pruneHandlers(db, sweepLocks),
    ...attemptHandlers(db),
    ...searchHandlers(db, findText),
    ...inspectionHandlers(db),
    ...backlogHandlers(db),
    ...healthHandlers(db, room),
  };
}
