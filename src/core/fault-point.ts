/**
 * Places where a test makes the process die, as kill -9 does: `ALO_RELAY_DIE_AT=deliver.posted#3` at the third time
 * that place is passed. Or stop, as a machine does that is frozen, until it gets SIGCONT: `ALO_RELAY_STOP_AT`. For
 * test/chaos; without the variables a fault point does nothing at all.
 */
export type FaultPoint =
  /** A webhook's event, its deliveries and its key are written, not committed. */
  | 'accept.before-commit'
  /** Committed, not answered. */
  | 'accept.before-answer'
  /** Answered, nothing sent. */
  | 'accept.answered'
  /** The journal knows that a message is about to be posted, and Slack does not. */
  | 'deliver.posting'
  /** Slack took the message, and the journal does not know. */
  | 'deliver.posted'
  /** Slack took a thread's root, and the journal does not know. */
  | 'deliver.root-posted'
  /** The thread's root was posted and recorded, its reply was not sent. */
  | 'deliver.between-root-and-reply'
  /** Slack changed the card, and the journal does not know. */
  | 'deliver.updated'
  /** A message of unknown outcome was found in Slack, and the journal does not know. */
  | 'deliver.adopted'
  /** An outcome is written, not committed. */
  | 'complete.before-commit'
  | 'prune.before-commit'
  /** Everything is written to the target, not committed. */
  | 'move.before-commit'
  /** The journal that was there has no log any more, and the restored one is not in its place. */
  | 'restore.before-rename'
  | 'migrate.before-commit';

const KILL = armedBy('ALO_RELAY_DIE_AT', 'SIGKILL');
const STOP = armedBy('ALO_RELAY_STOP_AT', 'SIGSTOP');

/** Dies or stops here where that was asked for. */
export const faultPoint: (point: FaultPoint) => void =
  KILL === null && STOP === null
    ? () => undefined
    : (point) => {
        STOP?.(point);
        KILL?.(point);
      };

function armedBy(variable: string, signal: 'SIGKILL' | 'SIGSTOP'): ((point: FaultPoint) => void) | null {
  const [armed = '', times = '1'] = (process.env[variable] ?? '').split('#');
  let left = Number(times);
  if (armed === '') return null;
  return (point) => {
    if (point !== armed) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, signal);
  };
}
