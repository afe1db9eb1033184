import { reasonOf } from '../../localstack/processes/reason-of.ts';
import { waitForChange } from '../test-suites/wait-for-change.ts';
import { buildPages } from '../pages/build-pages.ts';
import { progress } from './progress.ts';
import { shopPaths } from './shop-paths.ts';
import { startRoles, type StartRolesOptions, stopRoles } from './start-roles.ts';

/**
 * Restarts the roles after each change in app/, until `signal` aborts. A role that exits or fails to start
 * stays down until the next change.
 */
export async function restartRolesOnChange(options: StartRolesOptions, signal: AbortSignal): Promise<void> {
  const nextChange = () => waitForChange(shopPaths.root, signal, ['app']);
  let next = nextChange();
  for (;;) {
    const changed = await next;
    if (changed === undefined) return;
    // From before the restart, so that a change during it is seen as well.
    next = nextChange();
    const startMs = performance.now();
    try {
      await stopRoles();
      if (signal.aborted) return;
      await buildPages({ top: shopPaths.root, directory: shopPaths.pages });
      await startRoles(options);
      progress(`${changed} changed: restarted in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    } catch (error) {
      if (!signal.aborted) progress(`${changed} changed: ${reasonOf(error)}`);
    }
  }
}
