import type { KubernetesObject } from '../../localstack/kubernetes/kubernetes-api.ts';

export interface ReleaseOfObjects {
  readonly image: string;
  /** Counts the releases; a Job cannot be changed, so each release has its own. */
  readonly number: number;
}

/** Defined by EKS Auto Mode alone, and not published: no other server can check them. */
export const isOnlyOnEks = ({ apiVersion }: KubernetesObject): boolean =>
  /^(?:karpenter\.sh|eks\.amazonaws\.com)\//.test(apiVersion);

/**
 * The objects of a release in the order in which the stacks apply them: what workloads need, the migration
 * Job, then the rest. All containers have the release's image. Leaves out what exists only on EKS.
 */
export function inReleaseOf(objects: readonly KubernetesObject[], { image, number }: ReleaseOfObjects) {
  const all = objects
    .filter((object) => !isOnlyOnEks(object))
    .map((object) => withImage(object, image) as KubernetesObject);
  const isWorkload = ({ kind }: KubernetesObject) =>
    kind === 'Deployment' || kind === 'HorizontalPodAutoscaler';
  return {
    before: all.filter((object) => object.kind !== 'Job' && !isWorkload(object)),
    jobs: all
      .filter(({ kind }) => kind === 'Job')
      .map((job) => ({ ...job, metadata: { ...job.metadata, name: `${job.metadata.name}-${number}` } })),
    after: all.filter(isWorkload),
  };
}

/** A copy in which every container has this image. */
function withImage(value: unknown, image: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withImage(item, image));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name === 'image' && typeof field === 'string' ? image : withImage(field, image),
    ]),
  );
}
