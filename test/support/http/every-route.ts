import type { AppProcess } from '../shop/app-process.ts';
import { expectRefused, type HostileRequest } from './expect-refused.ts';
import { makeRouteSamples, type RouteSamples } from './route-samples.ts';
import { readRouteSurface, type RouteSurface } from './route-surface.ts';
import { type TestShop, useTestShop } from '../shop/test-shop.ts';

export interface EveryRoute {
  readonly shop: TestShop;
  /** An API process of the shop. */
  readonly app: AppProcess;
  readonly surface: RouteSurface;
  /** Samples of things that exist in the shop. */
  readonly samples: RouteSamples;
  /** Sends them as the admin of the samples; see expect-refused.ts. */
  allRefused(requests: readonly HostileRequest[]): Promise<void>;
}

/**
 * Starting point of a test of all routes, created before the first test of one `describe`. Read the fields
 * inside tests and hooks only.
 */
export function useEveryRoute(): EveryRoute {
  const shop = useTestShop();
  let made: Pick<EveryRoute, 'app' | 'surface' | 'samples'> | undefined;
  const ready = () => {
    if (made === undefined) throw new Error('the routes are there inside tests and hooks only');
    return made;
  };

  before('read the routes and make the samples', async () => {
    const app = await shop.start(['api'], { env: { DEMO_SALES: 'true' } });
    made = { app, surface: await readRouteSurface(shop.env), samples: await makeRouteSamples(shop, app) };
  });

  return {
    shop,
    get app() {
      return ready().app;
    },
    get surface() {
      return ready().surface;
    },
    get samples() {
      return ready().samples;
    },
    allRefused: (requests) => {
      const { app, surface, samples } = ready();
      return expectRefused({ shop, app, surface, token: samples.token }, requests);
    },
  };
}
