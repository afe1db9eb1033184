import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { onCleanup } from '../../support/cleanup.ts';

/**
 * Opens a proxy of the server at `url` that makes it report `version`. In the server's answers, `real`, its
 * own version, is replaced. Both need the same length, because answers carry lengths. The proxy ends with the
 * test. Returns the proxy's URL.
 */
export async function asOlderServer(
  url: string,
  { real, version }: { readonly real: string; readonly version: string },
): Promise<string> {
  if (real.length !== version.length) throw new Error(`${version} is not as long as ${real}`);
  const target = new URL(url);
  const { port, hostname } = target;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.pipe(upstream);
    upstream.on('data', (data) =>
      client.write(Buffer.from(data.toString('latin1').replaceAll(real, version), 'latin1')),
    );
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => void server.close());
  target.hostname = '127.0.0.1';
  target.port = String((server.address() as AddressInfo).port);
  return target.href;
}
