import { join } from 'node:path';
import type { Fault } from '../fault.ts';
import { apiNames } from '../fault-fleet.ts';
import { newerRelease } from '../newer-release.ts';

/**
 * A deployment under load. The database is altered while the old release sells. The APIs are replaced one
 * after the other, so that both releases sell at once. The database is then altered again.
 */
export const rollingRestart: Fault = {
  name: 'rolling-restart',
  about: 'the APIs are replaced one by one by a newer release with a newer schema',
  touches: ['mysql', 'redis', ...apiNames],
  lastsMs: [100, 400],
  begin: async (world) => {
    // A run has one newer release; drawn a second time, its processes are only replaced.
    const isFirst = !world.release.isNew;
    world.release.isNew = true;
    const release = isFirst ? newerRelease(world.appDir, join(world.dir, 'newer-release')) : undefined;
    await release?.expand(world.database);
    for (const name of apiNames) {
      await world.fleet[name].stop();
      await world.fleet[name].start(release?.main);
    }
    await release?.contract(world.database);
    return { detail: { isFirst }, end: async () => undefined };
  },
};
