import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { originKeyHeader } from '../../app/contract/origin-key-header.ts';
import { requireOriginKey } from '../../app/http/server/require-origin-key.ts';
import type { Log } from '../../app/platform/observe/log.ts';
import { onCleanup } from '../support/cleanup.ts';
import { originKeys } from '../../app/config/variable-types.ts';
import { until } from '../support/until.ts';

const key = 'a'.repeat(40);
const next = 'b'.repeat(40);

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onCleanup(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const options = {
  keys: [key],
  newRequestId: () => 'request-1',
  log: { warn: () => undefined } as unknown as Log,
};

const ok: RequestListener = (_request, response) => void response.end('served');

describe('the key of the origin', () => {
  it('lets requests with a valid key pass, and no others', async () => {
    const url = await serve(requireOriginKey({ ...options, keys: [key, next] }, ok));
    const status = async (headers: Record<string, string>, path = '/products') =>
      (await fetch(`${url}${path}`, { headers })).status;
    expect(await status({ [originKeyHeader]: key })).to.equal(200);
    expect(await status({ [originKeyHeader]: next })).to.equal(200);
    expect(await status({})).to.equal(403);
    expect(await status({ [originKeyHeader]: '' })).to.equal(403);
    expect(await status({ [originKeyHeader]: key.slice(1) })).to.equal(403);
    expect(await status({ [originKeyHeader]: `${key}, ${next}` })).to.equal(403);
    expect(await status({}, '/readyz/')).to.equal(403);
  });

  it('is not asked of probes, and of nobody where none is set', async () => {
    const url = await serve(requireOriginKey(options, ok));
    for (const path of ['/healthz', '/readyz']) expect((await fetch(`${url}${path}`)).status).to.equal(200);
    expect(requireOriginKey({ ...options, keys: undefined }, ok)).to.equal(ok);
  });

  it('is rejected as a problem that names the request', async () => {
    const url = await serve(requireOriginKey(options, ok));
    const reply = await fetch(`${url}/orders`, { method: 'POST', body: '{}' });
    expect(reply.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(await reply.json()).to.include({ code: 'forbidden', status: 403 });
  });

  it('is reported when it is wrong, by one log line per second with the number of requests', async () => {
    const lines: { event: string; code: string; count: number }[] = [];
    const warn = (event: string, fields: { code: string; count: number }) => lines.push({ event, ...fields });
    const url = await serve(requireOriginKey({ ...options, log: { warn } as unknown as Log }, ok));
    await Promise.all(Array.from({ length: 20 }, () => fetch(url)));
    await until('all are counted', () => lines.reduce((sum, { count }) => sum + count, 0) === 20);
    expect(lines[0]).to.include({ event: 'origin_key_rejected', code: 'forbidden' });
    expect(lines.length).to.be.lessThan(20);
  });

  it('has at least 32 characters and at most one successor', () => {
    const keysOf = (keys: string) => originKeys.safeParse(keys).data;
    expect(keysOf(key)).to.deep.equal([key]);
    expect(keysOf(`${key},${next}`)).to.deep.equal([key, next]);
    for (const wrong of ['short', `${key},`, `${key},${next},${key}`])
      expect(keysOf(wrong), wrong).to.equal(undefined);
  });
});
