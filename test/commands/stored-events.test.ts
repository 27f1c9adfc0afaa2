import { expect, it } from 'vitest';
import { remoteHistory } from '../../src/client/remote-history.ts';
import { adminParts, listen } from '../admin/listener.ts';
import { makeEvent } from '../helpers/events.ts';

it('an event that a running service has comes whole, with all digits of its integers', async () => {
  const event = makeEvent({ payload: { id: 1524831183200260097n, small: 1 } });
  const { history, ...parts } = adminParts();
  const listener = await listen({ ...parts, history: { ...history, stored: async () => [event] } });
  try {
    const stored = await remoteHistory({ url: `http://127.0.0.1:${listener.port}`, token: null }).stored(event.id);
    expect(stored).toEqual([event]);
  } finally {
    listener.close();
  }
});
