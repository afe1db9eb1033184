import { expect } from 'chai';
import * as fc from 'fast-check';
import type { AppProcess } from '../support/app-process.ts';
import { checkProperty } from '../support/check-property.ts';
import { sendToRoute } from '../support/expect-refused.ts';
import { makeRouteSamples, type RouteSamples } from '../support/route-samples.ts';
import { readRouteSurface, type RouteSurface, routeName } from '../support/route-surface.ts';
import { useTestShop } from '../support/test-shop.ts';

const FUZZ_RUNS = 2000;

describe('random input', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let surface: RouteSurface;
  let samples: RouteSamples;

  before(async () => {
    app = await shop.start(['api']);
    surface = await readRouteSurface(shop.env);
    samples = await makeRouteSamples(shop, app);
  });

  it('gets an answer that the route documents, and never a 5xx', async function () {
    this.timeout(60_000);
    const { constantFrom, dictionary, jsonValue, nat, oneof, option, record, string } = fc;
    const anyText = oneof(string(), string({ unit: 'binary' }), constantFrom('__proto__', 'NaN', ''));
    const anyJson = oneof(jsonValue(), jsonValue({ stringUnit: 'binary' }));
    // Logging out takes no input and would end the session of all others.
    const routes = surface.routes.filter(({ path }) => path !== '/auth/logout');
    const requestOf = record({
      route: constantFrom(...routes),
      // One field of the sample replaced, or another body altogether.
      field: nat(10),
      value: oneof(anyJson, anyText, fc.integer(), fc.maxSafeInteger(), fc.double()),
      whole: option(anyJson, { nil: undefined }),
      segment: option(anyText, { nil: undefined }),
      // Most without a query, which no route takes by chance and which would hide the rest.
      query: oneof(
        { weight: 3, arbitrary: fc.constant({}) },
        dictionary(oneof(constantFrom(...Object.keys(samples.query)), anyText), anyText, { maxKeys: 2 }),
      ),
      key: option(string({ maxLength: 300 }), { nil: undefined }),
    });
    await checkProperty(
      fc.asyncProperty(requestOf, async ({ route, field, value, whole, segment, query, key }) => {
        const sample = samples.bodies[routeName(route)] as Record<string, unknown> | undefined;
        const name = sample === undefined ? undefined : Object.keys(sample)[field];
        const body = name === undefined ? whole : { ...sample, [name]: value };
        const encode = (text: string) => encodeURIComponent(text.toWellFormed());
        const segments =
          segment === undefined || /^\.{0,2}$/.test(segment)
            ? {}
            : Object.fromEntries(
                [...route.path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => [name, encode(segment)]),
              );
        const pairs = Object.entries(query).map((pair) => pair.map(encode).join('='));
        const { status, headers, text } = await sendToRoute(app, samples.token, {
          route,
          target: `${samples.target(route, segments)}?${pairs.join('&')}`,
          ...(body === undefined || route.method === 'get' ? {} : { body: JSON.stringify(body) }),
          headers: key === undefined ? {} : { 'Idempotency-Key': key.replaceAll(/[^\x20-\x7e]/g, '~') },
        });
        expect(status, text).to.be.lessThan(500);
        if (status >= 400) {
          // `/products/popular` is a path of its own and no product.
          const isOther = route.path === '/products/:productId' && segment === 'popular';
          surface.expectProblem(
            { status, text, contentType: headers.get('content-type') },
            isOther ? undefined : route,
          );
        } else {
          expect(Object.keys(route.replies)).to.include(String(status));
        }
      }),
      FUZZ_RUNS,
    );
    expect(app.logs.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });
});
