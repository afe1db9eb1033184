import type { Fault } from '../fault.ts';
import { apiNames } from '../fault-fleet.ts';

/** Share of the requests that are hit while the fault lasts. */
const REQUESTS_HIT = 0.2;

export const clientFaults: readonly Fault[] = [
  {
    name: 'slow-client-links',
    about: 'responses of both APIs are delayed',
    touches: [...apiNames],
    lastsMs: [500, 1500],
    begin: async ({ fleet }, draw) => {
      const delayMs = Math.round(50 + draw() * 500);
      const fronts = apiNames.flatMap((name) => fleet[name].front ?? []);
      await Promise.all(fronts.map((front) => front.slow(delayMs)));
      return {
        detail: { delayMs },
        end: async () => {
          await Promise.all(fronts.map((front) => front.pass()));
        },
      };
    },
  },
  {
    name: 'cut-client-links',
    about: 'one in five client connections breaks before the request, after it or before its response',
    touches: [...apiNames],
    lastsMs: [500, 1500],
    begin: async ({ fleet }, draw) => {
      const fronts = apiNames.flatMap((name) => fleet[name].front ?? []);
      const verdicts = ['cut', 'forward-and-cut', 'forward-then-cut'] as const;
      for (const front of fronts) {
        front.watchClient(() => {
          if (draw() >= REQUESTS_HIT) return 'forward';
          return verdicts[Math.floor(draw() * verdicts.length)] ?? 'cut';
        });
      }
      return {
        end: async () => {
          for (const front of fronts) front.watchClient(undefined);
        },
      };
    },
  },
  {
    name: 'half-open-client-link',
    about: 'the network between all clients and one API drops everything',
    touches: ['api-2'],
    lastsMs: [500, 2000],
    begin: async ({ fleet }) => {
      await fleet['api-2'].front?.blackhole();
      return {
        end: async () => {
          await fleet['api-2'].front?.pass();
        },
      };
    },
  },
];
