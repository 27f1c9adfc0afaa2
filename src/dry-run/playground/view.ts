/** What the playground answers: shapes only, so that its page can take them along. Times are ISO 8601, in UTC. */
import type { MessageView, RouteView } from '../../routing/route-view.ts';

/** Whose text it is in. */
export type EditedFile = 'event' | 'routes' | 'template';

export interface PlaygroundProblem {
  readonly file: EditedFile;
  /** From 1; of routes, counted as the request says where they begin. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** A warning stops nothing. */
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** What `explain --json` prints. */
export interface RunView {
  readonly event: {
    readonly source: string;
    readonly topic: string;
    readonly subject: string | null;
    readonly payload: unknown;
  };
  readonly at: string;
  readonly routes: readonly RouteView[];
}

/** POST /api/playground */
export interface PlaygroundAnswer {
  /** In the order of their places, file by file. */
  readonly problems: readonly PlaygroundProblem[];
  /** One, or none where an error stands in the way. */
  readonly runs: readonly RunView[];
  /** What the edited template makes of the event by itself, whichever routes use it; null without one. */
  readonly preview: { readonly message: MessageView | null; readonly fault: string | null } | null;
}

export interface RecentEvent {
  readonly number: number;
  readonly source: string;
  readonly topic: string;
  readonly subject: string | null;
  readonly received_at: string;
}

/** GET /api/playground/materials */
export interface PlaygroundMaterials {
  readonly config_file: string;
  /** As they stand in the file now; null where it cannot be read as YAML. */
  readonly routes: { readonly text: string; readonly line: number } | null;
  /** `file`: as one would name it, such as `templates/action_card.yaml`. */
  readonly templates: readonly { readonly name: string; readonly file: string; readonly text: string }[];
  readonly sources: readonly {
    readonly name: string;
    /** Of which there are samples, in the order in which they tell a story. */
    readonly topics: readonly string[];
  }[];
  /** Newest first. */
  readonly recent: readonly RecentEvent[];
}
