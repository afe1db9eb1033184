import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdk from '../../cdk.json' with { type: 'json' };
import { clusterStacks } from '../../lib/cluster-stacks.ts';
import type { ClusterSettings } from '../../lib/settings/cluster-settings.ts';
import { deploymentOptions } from '../../lib/settings/deployment-options.ts';
import type { KubernetesObject } from '../../localstack/kubernetes/kubernetes-api.ts';
import { standInImage } from '../templates/stand-in-image.ts';
import { type ManifestResource, manifestsOf } from './manifests-of.ts';

/**
 * The objects that a stage of the shape `cluster` applies, in the order of its stacks. Synthesised into
 * `dir`, with an empty image: pods run from the sources.
 */
export async function clusterManifests(settings: ClusterSettings, dir: string): Promise<KubernetesObject[]> {
  const app = new App({ context: cdk.context, outdir: join(dir, 'cdk.out') });
  clusterStacks(app, {
    settings,
    options: deploymentOptions(() => undefined),
    region: 'ap-northeast-2',
    imageLayout: await standInImage(join(dir, 'image')),
  });
  return app.synth().stacks.flatMap(({ template }) => {
    const { Resources = {} } = template as { Resources?: Record<string, ManifestResource> };
    return manifestsOf(Object.values(Resources));
  });
}
