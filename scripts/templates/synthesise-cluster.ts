import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdk from '../../cdk.json' with { type: 'json' };
import { clusterStacks } from '../../lib/cluster-stacks.ts';
import type { TemplateResource } from '../../lib/cost/cost-item.ts';
import type { ClusterSettings } from '../../lib/settings/cluster-settings.ts';
import { deploymentOptions } from '../../lib/settings/deployment-options.ts';
import { standInImage } from './stand-in-image.ts';
import { templateResources } from './template-resources.ts';

/**
 * Writes the templates of a stage in the shape `cluster` into `outdir` and returns their resources. A few
 * bytes stand in for the container image: these templates are for reading, not for deployment.
 */
export async function synthesiseCluster(
  settings: ClusterSettings,
  outdir: string,
): Promise<TemplateResource[]> {
  const app = new App({ outdir: join(outdir, 'cdk.out'), context: cdk.context });
  clusterStacks(app, {
    settings,
    options: deploymentOptions(() => undefined),
    region: 'us-east-1',
    imageLayout: await standInImage(join(outdir, 'image')),
  });
  return templateResources(app);
}
