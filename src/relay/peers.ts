/** What instances tell each other of Slack: one learns for all. Nothing depends on it; it is sooner known, that is all. */
import type { News, Peers } from '../journal/cluster.ts';
import type { SlackHealth } from './health.ts';
import type { WorkspaceLimit } from './lanes/workspace-limit.ts';

export interface Hearers {
  readonly health: Pick<SlackHealth, 'toldOfTrouble' | 'toldOfRecovery'>;
  readonly workspace: Pick<WorkspaceLimit, 'limited'>;
}

/** What others tell is taken as if it was learnt here, and not told on. */
export function hearPeers(peers: Pick<Peers, 'listen'>, { health, workspace }: Hearers): void {
  peers.listen((news: News) => {
    switch (news.kind) {
      case 'trouble':
        return health.toldOfTrouble(news.reason);
      case 'recovered':
        return health.toldOfRecovery();
      case 'limited':
        return workspace.limited(news.channel, news.afterMs);
    }
  });
}
