import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { lookAtChallenge } from '../../scripts/smoke/look-at-challenge.ts';
import { shopApi } from '../../scripts/smoke/shop-api.ts';
import { onCleanup } from '../support/cleanup.ts';

/** Starts a shop, or a gateway in front of a shop, that refuses everything with these headers. */
async function refusing(headers: Record<string, string>) {
  const server = createServer((_, response) => response.writeHead(401, headers).end('{}'));
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return shopApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined);
}

describe('the smoke test of a 401 response', () => {
  it('finds the challenge under its own name and under that of API Gateway', async () => {
    const app = await refusing({ 'WWW-Authenticate': 'Bearer' });
    expect(await lookAtChallenge(app)).to.match(/carries WWW-Authenticate$/);
    const gateway = await refusing({ 'x-amzn-Remapped-WWW-Authenticate': 'Bearer' });
    expect(await lookAtChallenge(gateway)).to.match(
      /x-amzn-remapped-www-authenticate: API Gateway has renamed it/,
    );
  });

  it('fails if no header says how to authenticate', async () => {
    const failure = await lookAtChallenge(await refusing({})).then(
      () => '',
      (error: unknown) => String(error),
    );
    expect(failure).to.match(/401 without WWW-Authenticate/);
  });
});
