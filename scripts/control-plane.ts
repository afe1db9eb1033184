/**
 * `npm run control-plane`: builds the Kubernetes control plane of the cluster suite in the cache, with Go.
 */
import { buildKubernetesPrograms } from '../localstack/kubernetes/kubernetes-programs.ts';
import { progress } from './shop/progress.ts';
import { shopPaths } from './shop/shop-paths.ts';

const programs = await buildKubernetesPrograms(shopPaths.cache, progress);
if ('unobtainable' in programs) {
  process.stderr.write(`control-plane: this needs ${programs.unobtainable}\n`);
  process.exitCode = 1;
} else progress(`ready: ${programs.controlPlane} and ${programs.kwok}`);
