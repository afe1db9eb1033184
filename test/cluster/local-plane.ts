import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKubernetesPrograms } from '../../localstack/kubernetes/kubernetes-programs.ts';
import { type ControlPlane, startControlPlane } from '../../localstack/kubernetes/start-control-plane.ts';
import { shopPaths } from '../../scripts/shop/shop-paths.ts';
import { onCleanup } from '../support/cleanup.ts';
import { skipWithout } from '../support/skip-without.ts';

/**
 * A control plane for the tests of one file, and a folder that ends with it. Skips them where there is none.
 */
export async function localPlane(
  hook: Mocha.Context,
  { hasFakeNodes }: { readonly hasFakeNodes: boolean },
): Promise<{ plane: ControlPlane; dir: string }> {
  const programs = findKubernetesPrograms(shopPaths.cache);

  if ('unobtainable' in programs) return skipWithout(programs.unobtainable, hook);
  const dir = mkdtempSync(join(tmpdir(), 'rowlock-cluster-'));
  onCleanup(() => rmSync(dir, { recursive: true, force: true }));
  const plane = await startControlPlane({ dataDir: join(dir, 'plane'), programs, hasFakeNodes });
  onCleanup(() => plane.stop());
  return { plane, dir };
}
