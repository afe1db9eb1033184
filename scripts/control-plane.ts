import { parseArgs } from 'node:util';
import { buildKubernetesPrograms } from '../localstack/kubernetes/kubernetes-programs.ts';
import { runCommand } from './run-command.ts';
import { progress } from './shop/progress.ts';
import { shopPaths } from './shop/shop-paths.ts';

const usage = `usage: npm run control-plane

Builds the Kubernetes control plane of the cluster suite in the cache, with Go.
`;

await runCommand(
  'control-plane',
  async () => {
    parseArgs();
    const programs = await buildKubernetesPrograms(shopPaths.cache, progress);
    if ('unobtainable' in programs) throw new Error(`this needs ${programs.unobtainable}`);
    progress(`ready: ${programs.controlPlane} and ${programs.kwok}`);
    return 0;
  },
  usage,
);
