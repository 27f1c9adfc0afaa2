import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { start } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

let home: Home;

beforeEach(async () => {
  home = await makeHome();
  await home.configure({});
});

afterEach(() => home.remove());

it('a reader of the output that has seen enough (`| head`) is no error', async () => {
  const program = start(['send', '--help'], { cwd: home.cwd });
  program.process.stdout?.destroy();
  expect(await program.ended()).toBe(0);
  expect(program.stderr()).toBe('');
});

it('the service goes on when nobody reads its log any more', async () => {
  const { program, url } = await home.serve();
  program.process.stdout?.destroy();
  for (let n = 1; n <= 3; n++) {
    expect((await home.send(url, n)).status).toBe(200);
    await until(() => home.messages().length === n);
  }
  program.process.kill('SIGTERM');
  expect(await program.ended()).toBe(0);
  expect(program.stderr()).not.toContain('EPIPE');
});
