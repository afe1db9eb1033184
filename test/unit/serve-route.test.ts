import { expect } from 'chai';
import type { Exchange } from '../../app/http/contract/exchange.ts';
import { defineRoute } from '../../app/http/contract/route.ts';
import { serveRoute, type ServeRouteOptions } from '../../app/http/server/serve-route.ts';

describe('serveRoute', () => {
  it('answers 500 and logs when a response cannot be written, instead of crashing', async () => {
    const statuses: number[] = [];
    const logged: string[] = [];
    const route = defineRoute({
      id: 'readUnwritable',
      method: 'get',
      path: '/',
      tag: 'Health',
      summary: 'A reply that JSON cannot say.',
      access: 'anyone',
      rateLimit: 'none',
      schema: {},
      replies: { 200: null },
      handle: async () => ({ status: 200, body: { amount: 1n } }),
    });
    const exchange = {
      request: { url: '/', headers: {} },
      response: {
        headersSent: false,
        writeHead: (status: number) => statuses.push(status),
        end: () => undefined,
      },
      path: '/',
      query: '',
    } as unknown as Exchange;
    const log = { error: (event: string) => logged.push(event) };
    await serveRoute(route, exchange, undefined, { log } as unknown as ServeRouteOptions);
    expect(statuses).to.deep.equal([500]);
    expect(logged).to.deep.equal(['request_crashed']);
  });
});
