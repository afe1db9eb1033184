import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type Balancer, openBalancer } from '../../scripts/rehearse/balancer.ts';
import { onCleanup } from '../support/cleanup.ts';
import { until } from '../support/until.ts';

/** Starts a target that is ready when `ready` returns true and passes every other request to the test. */
async function target(handle: RequestListener, ready: () => boolean = () => true): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/readyz') response.writeHead(ready() ? 200 : 503).end();
    else handle(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the balancer of the rehearsal', () => {
  let balancer: Balancer;

  beforeEach(async () => {
    balancer = await openBalancer({ healthEveryMs: 10 });
  });
  afterEach(() => balancer.close());

  const status = async (method = 'GET') => {
    const reply = await fetch(`${balancer.url}/orders`, { method });
    return `${reply.status} ${await reply.text()}`;
  };

  it('sends requests only to ready targets', async () => {
    let isReady = false;
    const own = balancer.register(
      await target(
        (_request, response) => response.end('here'),
        () => isReady,
      ),
    );
    expect(await status()).to.match(/^503/);
    isReady = true;
    await until('the target is healthy', () => own.isHealthy());
    expect(await status()).to.equal('200 here');
    isReady = false;
    await until('the target is unhealthy', () => !own.isHealthy());
    expect(await status()).to.match(/^503/);
  });

  it('waits for the requests of a leaving target, and sends it no new ones', async () => {
    const waiting: ServerResponse[] = [];
    const leaving = balancer.register(await target((_request, response) => void waiting.push(response)));
    await until('the leaving target is healthy', () => leaving.isHealthy());
    const underWay = status();
    await until('the request has arrived', () => waiting.length === 1);
    let hasLeft = false;
    const leave = async () => {
      await balancer.deregister(leaving);
      hasLeft = true;
    };
    const left = leave();
    expect(await status()).to.match(/^503/);
    expect(hasLeft).to.equal(false);
    waiting[0]?.end('done');
    expect(await underWay).to.equal('200 done');
    await left;
    expect(leaving.served()).to.equal(1);
  });

  it('answers 502 when a target closes the connection, and does not retry the request', async () => {
    let arrived = 0;
    const breakOff: RequestListener = (request) => {
      arrived += 1;
      request.socket.destroy();
    };
    const targets = [balancer.register(await target(breakOff)), balancer.register(await target(breakOff))];
    await until('both are healthy', () => targets.every((own) => own.isHealthy()));
    expect(await status('POST')).to.match(/^502/);
    expect(arrived).to.equal(1);
  });

  it('aborts its own response when a target aborts in the middle', async () => {
    const own = balancer.register(
      await target((_request, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('half', () => response.destroy());
      }),
    );
    await until('the target is healthy', () => own.isHealthy());
    expect(await status().catch(String)).to.match(/terminated|other side closed/);
  });
});
