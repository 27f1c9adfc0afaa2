import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

let home: Home;

beforeEach(async () => {
  home = await makeHome();
  await home.configure({});
});

afterEach(() => home.remove());

describe('signals', () => {
  it('SIGUSR1 opens no inspector, SIGUSR2 ends nothing, SIGHUP loads the config, SIGTERM stops', async () => {
    const { program, url } = await home.serve();
    for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGHUP'] as const) program.process.kill(signal);
    await until(() => program.stdout().includes('config reloaded'));
    expect((await home.send(url, 1)).status).toBe(200);
    await until(() => home.messages().length === 1);
    // What Node says when the inspector opens.
    expect(program.stderr()).not.toContain('Debugger');
    program.process.kill('SIGTERM');
    expect(await program.ended()).toBe(0);
  });
});
