/** Every operation of the journal by its name: what a caller can ask, and what a thread is asked by name. */
import { accept } from './accept.ts';
import { arrivals } from './arrivals.ts';
import { attempts } from './attempts.ts';
import { audit } from './audit.ts';
import { backlog } from './backlog.ts';
import { beginAudit } from './begin-audit.ts';
import { card } from './card.ts';
import { channelId } from './channel-id.ts';
import { complete } from './complete.ts';
import { deliveries } from './deliveries.ts';
import { dismiss } from './dismiss.ts';
import { doubtUnfinished } from './doubt-unfinished.ts';
import { endAudit } from './end-audit.ts';
import { events } from './events.ts';
import { failures } from './failures.ts';
import { hold } from './hold.ts';
import { inspect } from './inspect.ts';
import { lanesWithWork } from './lanes-with-work.ts';
import { markSending } from './mark-sending.ts';
import { countMinutes, minutes } from './minutes.ts';
import { load, next } from './next.ts';
import { noteConflict } from './note-conflict.ts';
import { person, savePerson } from './person.ts';
import { giveRoomBack, takeRoom } from './probe.ts';
import { prune } from './prune.ts';
import { release } from './release.ts';
import { replay } from './replay.ts';
import { retryLater } from './retry-later.ts';
import { saveCard } from './save-card.ts';
import { search } from './search.ts';
import { tally } from './tally.ts';
import { waiting } from './waiting.ts';

export const OPERATIONS = {
  accept,
  arrivals,
  attempts,
  audit,
  backlog,
  beginAudit,
  card,
  channelId,
  deliveries,
  dismiss,
  endAudit,
  doubtUnfinished,
  events,
  giveRoomBack,
  hold,
  inspect,
  lanesWithWork,
  load,
  markSending,
  minutes,
  next,
  noteConflict,
  person,
  retryLater,
  prune,
  failures,
  release,
  replay,
  saveCard,
  savePerson,
  search,
  complete,
  countMinutes,
  takeRoom,
  tally,
  waiting,
};
