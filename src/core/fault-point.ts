/**
 * Places where a test makes the process die, as kill -9 does: `ALO_RELAY_DIE_AT=deliver.posted#3` at the third time
 * that place is passed. For test/chaos; without the variable a fault point does nothing at all.
 */
export type FaultPoint =
  /** A webhook's event, its deliveries and its key are written, not committed. */
  | 'accept.before-commit'
  /** Committed, not answered. */
  | 'accept.before-answer'
  /** Answered, nothing sent. */
  | 'accept.answered'
  /** Slack took the message, and the journal does not know. */
  | 'deliver.posted'
  /** The thread's root was posted and recorded, its reply was not sent. */
  | 'deliver.between-root-and-reply'
  /** Slack changed the card, and the journal does not know. */
  | 'deliver.updated'
  /** A message of unknown outcome was found in Slack, and the journal does not know. */
  | 'deliver.adopted'
  /** An outcome is written, not committed. */
  | 'settle.before-commit'
  | 'prune.before-commit'
  | 'migrate.before-commit';

const [armed, times] = (process.env.ALO_RELAY_DIE_AT ?? '').split('#');
let left = Number(times ?? 1);

/** Dies here where that was asked for. */
export const faultPoint: (point: FaultPoint) => void =
  armed === ''
    ? () => undefined
    : (point) => {
        if (point !== armed) return;
        left -= 1;
        if (left === 0) process.kill(process.pid, 'SIGKILL');
      };
