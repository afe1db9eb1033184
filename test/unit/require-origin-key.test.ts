import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { originKeyHeader } from '../../app/contract/origin-key-header.ts';
import { requireOriginKey } from '../../app/http/server/require-origin-key.ts';
import { onCleanup } from '../support/cleanup.ts';
import { originKeys } from '../../app/config/variable-types.ts';

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

const ok: RequestListener = (_request, response) => void response.end('served');

describe('the key of the origin', () => {
  it('lets requests with a valid key pass, and no others', async () => {
    const url = await serve(requireOriginKey([key, next], () => 'request-1', ok));
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
    const url = await serve(requireOriginKey([key], () => 'request-1', ok));
    for (const path of ['/healthz', '/readyz']) expect((await fetch(`${url}${path}`)).status).to.equal(200);
    expect(requireOriginKey(undefined, () => 'request-1', ok)).to.equal(ok);
  });

  it('is rejected as a problem that names the request', async () => {
    const url = await serve(requireOriginKey([key], () => 'request-1', ok));
    const reply = await fetch(`${url}/orders`, { method: 'POST', body: '{}' });
    expect(reply.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(await reply.json()).to.include({ code: 'forbidden', status: 403 });
  });

  it('has at least 32 characters and at most one successor', () => {
    const keysOf = (keys: string) => originKeys.safeParse(keys).data;
    expect(keysOf(key)).to.deep.equal([key]);
    expect(keysOf(`${key},${next}`)).to.deep.equal([key, next]);
    for (const wrong of ['short', `${key},`, `${key},${next},${key}`])
      expect(keysOf(wrong), wrong).to.equal(undefined);
  });
});
