import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdk from '../../../cdk.json' with { type: 'json' };
import { type ClusterStacks, clusterStacks } from '../../../lib/cluster-stacks.ts';
import type { KubernetesObject } from '../../../lib/cluster/kubernetes-types.ts';
import { type ClusterSettings, clusterSettings } from '../../../lib/settings/cluster-settings.ts';
import { deploymentOptions } from '../../../lib/settings/deployment-options.ts';
import type { StageName } from '../../../lib/settings/stage-settings.ts';
import { standInImage } from '../../../scripts/templates/stand-in-image.ts';
import { folderUntilExit } from '../../support/folder-until-exit.ts';
import { type Resource, standInPages } from '../../support/observe/synthesised-stage.ts';

/** Type of the custom resource that applies objects. */
export const manifestType = 'Custom::AWSCDK-EKS-KubernetesResource';

export interface SynthesisedCluster {
  readonly settings: ClusterSettings;
  readonly stacks: ClusterStacks;
  readonly resources: readonly Resource[];
  /** Folder of the templates. */
  readonly directory: string;
  ofType(type: string, stack?: string): Resource[];
  /** The only resource of its type whose logical id starts with `idStart`. */
  one(type: string, idStart?: string): Resource;
  /** Names of the stacks on which a stack depends, such as `Network`. */
  dependenciesOf(stack: string): string[];
  /** Every object that the manifests apply, with references as `<LogicalId.Attribute>`. */
  readonly objects: readonly KubernetesObject[];
  object<Kind extends KubernetesObject['kind']>(
    kind: Kind,
    name: string,
  ): Extract<KubernetesObject, { kind: Kind }>;
}

/** Context of a deployment with a domain of its own. */
export const withDomain = {
  domain: 'shop.example.com',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.com',
  edgeCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a',
  regionalCertificateArn: 'arn:aws:acm:ap-northeast-2:123456789012:certificate/b',
};

const made = new Map<string, Promise<SynthesisedCluster>>();

/**
 * Templates of a stage in the shape `cluster`, with cdk-nag; made once per process for the same arguments.
 */
export function synthesisedCluster(
  name: StageName,
  context: Readonly<Record<string, string>> = {},
): Promise<SynthesisedCluster> {
  const key = JSON.stringify([name, context]);
  const known = made.get(key) ?? synthesiseClusterWith(clusterSettings(name), context);
  made.set(key, known);
  return known;
}

/** The same for a test's own settings, and with a change that a test plants. */
export async function synthesiseClusterWith(
  settings: ClusterSettings,
  context: Readonly<Record<string, string>> = {},
  change: (stacks: ClusterStacks) => void = () => {},
): Promise<SynthesisedCluster> {
  const outdir = folderUntilExit('rowlock-cluster-');
  const app = new App({ outdir: join(outdir, 'cdk.out'), context: cdk.context });
  const stacks = clusterStacks(app, {
    settings,
    options: deploymentOptions((option) => context[option]),
    region: 'ap-northeast-2',
    imageLayout: await standInImage(join(outdir, 'image')),
    pagesDirectory: standInPages(outdir),
  });
  change(stacks);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const assembly = app.synth();
  const short = (stackName: string) => stackName.replace(`Rowlock-${settings.shared.name}-`, '');
  const resources = assembly.stacks.flatMap((artifact) => {
    const { Resources } = artifact.template as {
      Resources: Record<string, Omit<Resource, 'logicalId' | 'stack'>>;
    };
    return Object.entries(Resources).map(([logicalId, resource]) => ({
      ...resource,
      logicalId,
      stack: short(artifact.stackName),
      Properties: resource.Properties ?? {},
    }));
  });
  const ofType = (type: string, stack?: string) =>
    resources.filter((one) => one.Type === type && (stack === undefined || one.stack === stack));
  const objects = ofType(manifestType).flatMap(objectsOf);
  return {
    settings,
    stacks,
    resources,
    directory: assembly.directory,
    ofType,
    one: (type, idStart = '') => {
      const [found, ...more] = ofType(type).filter(({ logicalId }) => logicalId.startsWith(idStart));
      if (found === undefined || more.length > 0)
        throw new Error(`${more.length + (found === undefined ? 0 : 1)} of ${type} ${idStart}, not one`);
      return found;
    },
    dependenciesOf: (stack) =>
      assembly
        .getStackByName(`Rowlock-${settings.shared.name}-${stack}`)
        .dependencies.map(({ id }) => short(id))
        .filter((id) => !id.endsWith('.assets')),
    objects,
    object: (kind, name) => {
      const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
      if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
      return found as Extract<KubernetesObject, { kind: typeof kind }>;
    },
  };
}

/** The objects of one manifest. */
export function objectsOf({ Properties }: Resource): KubernetesObject[] {
  return JSON.parse(withoutReferences(Properties['Manifest'])) as KubernetesObject[];
}

function withoutReferences(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, ...reference } = value as { 'Fn::Join'?: [string, unknown[]] };
  if (join !== undefined) return join[1].map(withoutReferences).join(join[0]);
  const [inside] = Object.values(reference);
  return `<${[inside].flat().join('.')}>`;
}
