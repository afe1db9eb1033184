import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { onCleanup } from '../../support/cleanup.ts';

/**
 * A proxy of the server of `url` that makes it call itself `version`: `real`, its own version, is replaced in
 * its answers. Both need the same length, as answers carry lengths. Ends with the test. Returns the proxy's
 * URL.
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
