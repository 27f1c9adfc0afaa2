/** Playgrounds in this process. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import {
  createPlayground,
  type Playground,
  type PlaygroundParts,
  type PlaygroundRequest,
} from '../../src/dry-run/playground/playground.ts';
import type { PlaygroundAnswer } from '../../src/dry-run/playground/view.ts';
import { copyExample, loadWith, SECRET, VARIABLES as THOSE_OF_EXAMPLE } from '../helpers/example.ts';

export const VARIABLES = { ...THOSE_OF_EXAMPLE, GOOD_SECRET: SECRET, TEAM_CHANNEL: 'from-the-environment' };
export const NOON = Date.parse('2026-03-03T11:00Z');
export const SAMPLE = { event: { topic: 'action_created', story: 0 }, at: NOON };

export interface Playgrounds {
  /** With the example config and the shipped templates. */
  readonly folder: () => string;
  readonly example: () => Config;
  /** On the example, where no other config is given. */
  open(config?: () => Config, more?: Partial<PlaygroundParts>): Playground;
  /** On the example, where no other playground is given. That it is busy fails the test. */
  tried(request: PlaygroundRequest, playground?: Playground): Promise<PlaygroundAnswer>;
}

/** Within a test file. */
export function playgrounds(): Playgrounds {
  let folder: string;
  let example: Config;
  let ofExample: Playground;
  const opened: Playground[] = [];

  const open: Playgrounds['open'] = (config = () => example, more = {}) => {
    const nothing = { stored: async () => null, recent: async () => [], clock: systemClock };
    const playground = createPlayground({ config, variables: VARIABLES, ...nothing, ...more });
    opened.push(playground);
    return playground;
  };

  beforeAll(async () => {
    folder = await copyExample();
    example = await loadWith(VARIABLES, join(folder, 'config.yaml'));
    ofExample = open();
  });

  afterAll(async () => {
    for (const playground of opened) await playground.close();
    await rm(folder, { recursive: true });
  });

  return {
    folder: () => folder,
    example: () => example,
    open,
    async tried(request, playground = ofExample) {
      const answer = await playground.try(request);
      if (answer === null) throw new Error('busy');
      return answer;
    },
  };
}
