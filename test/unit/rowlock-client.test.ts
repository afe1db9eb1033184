import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createRowlockClient } from '../../app/web/client/rowlock-client.ts';
import { nameSchemas } from '../../app/http/contract/name-schemas.ts';
import { typesStamp } from '../../scripts/contract/client-types.ts';
import { openApiOfRelease } from '../../scripts/contract/openapi-of-release.ts';
import { operationsText } from '../../scripts/contract/operations-text.ts';

const folder = join(import.meta.dirname, '../../app/web/client');
const written = (name: string) => readFileSync(join(folder, name), 'utf8');
const order = { items: [{ productId: '01932b5f-0000-7000-8000-000000000003', quantity: 1 }] };

/** A server that answers with these in turn, and a client that waits for nothing. */
function clientOf(...answers: (Response | Error)[]) {
  const requests: { url: string; key: string | null }[] = [];
  const pauses: number[] = [];
  const client = createRowlockClient({
    baseUrl: 'https://shop.example/',
    attemptsMax: 3,
    fetch: async (url, init) => {
      requests.push({ url: addressOf(url), key: new Headers(init?.headers).get('idempotency-key') });
      const answer = answers[requests.length - 1] ?? expect.fail('one request too many');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    pause: async (ms) => void pauses.push(ms),
  });
  return { client, requests, pauses };
}

const addressOf = (input: string | URL | Request) =>
  input instanceof Request ? input.url : input.toString();
const json = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
const busy = () => json(503, { code: 'busy_retry' }, { 'retry-after': '2' });
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

describe('the typed client', () => {
  it('has the types and operations of today; npm run contract -- --types writes them', () => {
    const document = openApiOfRelease();
    expect(written('api-types.ts').split('\n')[0]).to.equal(typesStamp(nameSchemas(document)));
    expect(written('operations.ts')).to.equal(operationsText(document));
  });

  it('repeats a busy order with the same key, after the time that the shop names', async () => {
    const { client, requests, pauses } = clientOf(
      busy(),
      new TypeError('no network'),
      json(200, { id: '1' }),
    );
    await client.call('placeOrder', { body: order });
    expect(pauses).to.deep.equal([2000, 400]);
    expect(new Set(requests.map(({ key }) => key)).size).to.equal(1);
    expect(requests[0]?.key).to.match(/^[0-9a-f-]{36}$/);
  });

  it('gives up after its attempts, with the last reason', async () => {
    const { client, requests } = clientOf(busy(), busy(), busy());
    expect(await codeOf(client.call('placeOrder', { body: order }))).to.equal('busy_retry');
    expect(requests).to.have.length(3);
  });

  it('leaves a wait of more than 30 seconds to its caller, and never comes earlier than named', async () => {
    const limited = (seconds: string) => json(429, { code: 'rate_limited' }, { 'retry-after': seconds });
    const body = { email: 'a@example.com', password: 'a long password' };
    const long = clientOf(limited('900'), json(200, {}));
    expect(await codeOf(long.client.call('logIn', { body }))).to.equal('rate_limited');
    expect(long.pauses).to.deep.equal([]);
    const short = clientOf(limited('30'), json(200, {}));
    expect(await codeOf(short.client.call('logIn', { body }))).to.equal('answered');
    expect(short.pauses).to.deep.equal([30_000]);
  });

  it('does not repeat what has no key and changes something', async () => {
    const body = { email: 'a@example.com', password: 'a long password' };
    const lost = clientOf(new TypeError('no network'));
    expect(await codeOf(lost.client.call('signUp', { body }))).to.equal('no network');
    const shed = clientOf(busy());
    expect(await codeOf(shed.client.call('signUp', { body }))).to.equal('busy_retry');
  });

  it('fills paths and queries, encoded', async () => {
    const { client, requests } = clientOf(json(200, { data: [], nextCursor: null }));
    await client.call('listProducts', { query: { q: 'tea & cups' } });
    expect(requests[0]?.url).to.equal('https://shop.example/products?q=tea+%26+cups');
    const other = clientOf(json(200, {}));
    await other.client.call('readProduct', { path: { productId: 'a/b' } });
    expect(other.requests[0]?.url).to.equal('https://shop.example/products/a%2Fb');
  });
});
