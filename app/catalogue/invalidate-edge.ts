import type { EdgeCache } from '../platform/aws/cloudfront.ts';
import { type LeaderDependencies, runAsLeader } from '../platform/redis/run-as-leader.ts';
import type { CatalogueChanges } from './catalogue-changes.ts';

export interface InvalidateEdgeDependencies extends LeaderDependencies {
  readonly changes: Pick<CatalogueChanges, 'latest'>;
  readonly edge: Pick<EdgeCache, 'invalidate'>;
}

/** One path, whatever changed: an edit changes lists under any query, and each path is paid for. */
const PATHS = ['/products*'];
const LOCK_TTL_MS = 30_000;

/**
 * Invalidates CloudFront's copies after changes of the catalogue until the signal aborts: all changes since
 * the last time at once, so at most every `everyMs`. Repeats what failed while the change is younger than the
 * copies may be. Two workers that do this at once name the same change, which CloudFront invalidates once.
 */
export async function invalidateEdge(
  dependencies: InvalidateEdgeDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { changes, edge, log } = dependencies;
  let done: string | undefined;
  const invalidate = async () => {
    const latest = await changes.latest();
    if (latest === undefined || latest === done) return;
    await edge.invalidate({ reference: latest, paths: PATHS });
    done = latest;
    log.info('edge_invalidated', { change: latest });
  };
  await runAsLeader(dependencies, { name: 'edge-invalidation', ttlMs: LOCK_TTL_MS }, invalidate, signal);
}
