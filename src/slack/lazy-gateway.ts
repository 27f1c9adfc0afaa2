import type { ClosableGateway, GatewayOptions } from './client.ts';

/**
 * A gateway whose client is loaded when it is first asked for something: that takes longer than everything else the
 * service has to load, and it can receive webhooks meanwhile.
 */
export function createLazyGateway(options: GatewayOptions): ClosableGateway {
  let loading: Promise<ClosableGateway> | null = null;
  const gateway = (): Promise<ClosableGateway> => {
    loading ??= import('./client.ts').then(({ createGateway }) => createGateway(options));
    return loading;
  };
  return {
    post: async (posting) => (await gateway()).post(posting),
    find: async (search) => (await gateway()).find(search),
    channelId: async (name) => (await gateway()).channelId(name),
    update: async (placement, message) => (await gateway()).update(placement, message),
    mark: async (placement, mark) => (await gateway()).mark(placement, mark),
    openDm: async (userId) => (await gateway()).openDm(userId),
    lookupByEmail: async (email, since) => (await gateway()).lookupByEmail(email, since),
    groupId: async (handle) => (await gateway()).groupId(handle),
    timeZone: async (userId) => (await gateway()).timeZone(userId),
    identify: async () => (await gateway()).identify(),
    close: async () => (await loading)?.close(),
  };
}
