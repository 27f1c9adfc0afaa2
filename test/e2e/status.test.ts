import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { type Home, makeHome } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

let home: Home;
let port: number;

beforeEach(async () => {
  home = await makeHome();
  port = await freePort();
  await configure('#a');
});

afterEach(() => home.remove());

const configure = (channel: string) =>
  home.configure({
    admin: `{ port: ${port} }`,
    routes: `[{ name: hello, post: { channel: "${channel}", template: hello } }]`,
  });

it('of a service that is well is 0; with a delivery that did not arrive 1, and says what to type', async () => {
  const first = await home.serve();
  await home.send(first.url, 1);
  await until(() => home.messages().length === 1);
  const well = await until(async () => {
    const found = await home.run(['status']);
    return found.code === 0 && found;
  });
  expect(well.stdout).toMatch(
    /^service {3}version \S+, up .*\njournal {3}\S+relay\.db, .*: ok\nSlack {5}\S+: ok\nevents {4}allo: \d+ s ago\nwaiting {3}nothing\nfailed {4}nothing\n\nAll is well\.\n$/,
  );
  expect(well.stderr).toBe('');
  // The sandbox refuses every channel of such a name.
  await configure('#missing');
  await home.template('hello', '{{ event.payload.data.n }}!');
  await until(async () => {
    await home.send(first.url, Date.now());
    const { code, stdout } = await home.run(['status', '--json']);
    const report = JSON.parse(stdout);
    return code === 1 && !report.ok && report.last_failure?.reason?.code === 'channel_not_found';
  }, 30_000);
  const ill = await home.run(['status']);
  expect(ill.stdout).toMatch(/\nfailed {4}\d+ dead; the newest \d+ s ago, hello: .*\(channel_not_found\)\n/s);
  expect(ill.stdout).toContain('npx alo-relay deliveries --state dead,parked\n');
});

it('without a service says where it looked, what the journal holds, and what to do', async () => {
  home.sandbox.faults.add({ method: 'chat.postMessage', times: 'always', kind: 'rate_limited', retryAfter: 60 });
  const none = await home.run(['status']);
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toMatch(/nothing listens at http:\S+\.\nalo-relay: There is no journal at /);
  const { program, url } = await home.serve();
  await home.send(url, 1);
  await until(() => home.sandbox.calls['chat.postMessage'] === 1);
  const waiting = await home.run(['status']);
  expect(waiting.stdout).toMatch(/\nwaiting {3}1 delivery, and 0 held, in 1 lane\n {10}#a: 1, limited until .*/);
  program.process.kill('SIGKILL');
  await program.ended();
  const alone = await home.run(['status']);
  expect(alone.code).toBe(1);
  expect(alone.stderr).toMatch(/the service does not run, or not here: nothing listens at http:\S+:\d+\.\n$/);
  expect(alone.stdout).toMatch(/^journal {3}\S+relay\.db, .*\nevents {4}allo: \d+ s ago\nwaiting {3}1 delivery/);
  expect(alone.stdout).toMatch(/\n\nStart the service: npx alo-relay serve\n$/);
  expect((await home.run(['status', '--bogus'])).code).toBe(2);
});
