/** How the lanes of channels are called (routing/plan.ts). */
const CHANNEL_LANE = 'channel:';

/** The channel that a lane's messages go to, as its cards are kept: a lane of direct messages has none. */
export function channelOf(lane: string): string | null {
  return lane.startsWith(CHANNEL_LANE) ? lane.slice(CHANNEL_LANE.length) : null;
}

/** The lane in which a channel's cards are changed. */
export function laneOf(channel: string): string {
  return `${CHANNEL_LANE}${channel}`;
}
