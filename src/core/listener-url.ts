/** Where this machine reaches a listener: without a slash at the end. */
export function listenerUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
