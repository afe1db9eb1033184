import type { KubernetesObject } from '../../localstack/kubernetes/kubernetes-api.ts';

export interface ManifestResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const MANIFEST_TYPE = 'Custom::AWSCDK-EKS-KubernetesResource';

/**
 * The objects of Kubernetes in these resources of templates, in their order. References that only an account
 * can resolve become `ref-NAME`, and those to address ranges a range. Throws for a manifest that is not JSON.
 */
export function manifestsOf(resources: readonly ManifestResource[]): KubernetesObject[] {
  return resources
    .filter(({ Type }) => Type === MANIFEST_TYPE)
    .flatMap(({ Properties }) => JSON.parse(resolved(Properties['Manifest'])) as KubernetesObject[]);
}

/** The text of a string, a Fn::Join or a reference. */
function resolved(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(resolved).join(separator);
  }
  const words = (Array.isArray(argument) ? argument : [argument]).flatMap((word) =>
    typeof word === 'string' || typeof word === 'number' ? [String(word)] : [],
  );
  if (words.some((word) => /cidrblock/i.test(word))) return '10.0.0.0/16';
  return `ref-${words
    .join('-')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase()}`;
}
