import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { poolLabel } from '../../lib/cluster/names.ts';
import { clusterSettings } from '../../lib/settings/cluster-settings.ts';
import type { KubernetesApi, KubernetesObject } from '../../localstack/kubernetes/kubernetes-api.ts';
import { registerNode } from '../../localstack/kubernetes/register-node.ts';
import { fakeNodeAnnotation } from '../../localstack/kubernetes/start-control-plane.ts';
import { lookAtKubernetes } from '../../scripts/smoke/kubernetes-state.ts';
import { isOnlyOnEks } from '../../scripts/rehearse/cluster-objects.ts';
import { clusterManifests } from '../../scripts/rehearse/cluster-manifests.ts';
import { onCleanup } from '../support/cleanup.ts';
import { until } from '../support/until.ts';
import { localPlane } from './local-plane.ts';

const NAMESPACE = '/namespaces/rowlock';
const DEPLOYMENTS = `/apis/apps/v1${NAMESPACE}/deployments`;
const nodes = ['zone-a-1', 'zone-a-2', 'zone-b-1', 'zone-b-2'];
const ROLLOUT = { timeoutMs: 180_000, intervalMs: 100 };

interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: PodSpec } };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

interface PodSpec {
  readonly nodeName?: string;
  readonly containers: readonly { readonly image: string }[];
}

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

// Real etcd, API server, controllers and scheduler of the pinned release. kwok reports pods as running, so
// what runs inside them is the rehearsal's business: npm run rehearse -- --shape=cluster.
describe('the manifests of the cluster', function () {
  let api: KubernetesApi;
  let objects: readonly KubernetesObject[];

  before(async function () {
    const { plane, dir } = await localPlane(this, { hasFakeNodes: true });
    api = plane.api;
    for (const name of nodes) {
      const zone = name.slice(0, 'zone-a'.length);
      await registerNode(api, { name, zone, labels: poolLabel, annotations: fakeNodeAnnotation });
    }
    objects = (await manifests('production', dir)).map(quickly);
    for (const object of objects.filter((each) => !isOnlyOnEks(each))) await api.apply(object);
    // The Deployment of the API says no number, so it begins with one pod until the autoscaler looks.
    const { minReplicas } = objectOf('HorizontalPodAutoscaler', 'api')['spec'] as { minReplicas: number };
    await until('the API is scaled', async () => (await deployment('api')).spec.replicas === minReplicas);
    for (const name of ['api', 'worker', 'data-platform']) await untilRolledOut(name);
  });

  const manifests = (stage: 'minimal' | 'production', dir: string) =>
    clusterManifests(clusterSettings(stage), mkdtempSync(join(dir, `${stage}-`)));
  const deployment = async (name: string) =>
    (await api.read(`${DEPLOYMENTS}/${name}`)) as unknown as Deployment;
  const podsOf = async (name: string): Promise<readonly Pod[]> => {
    const query = `labelSelector=app.kubernetes.io/name%3D${name}`;
    const list = await api.read(`/api/v1${NAMESPACE}/pods?${query}`);
    return list['items'] as readonly Pod[];
  };
  const untilRolledOut = (name: string, look: (seen: Deployment) => void = () => undefined) =>
    until(
      `${name} is rolled out`,
      async () => {
        const seen = await deployment(name);
        look(seen);
        const { metadata, spec, status } = seen;
        return (
          status.observedGeneration === metadata.generation &&
          [status.replicas, status.updatedReplicas, status.availableReplicas].every(
            (n) => n === spec.replicas,
          )
        );
      },
      ROLLOUT,
    );
  const objectOf = (kind: string, name: string): KubernetesObject => {
    const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
    return found ?? expect.fail(`there is no ${kind} ${name}`);
  };
  const withField = (object: KubernetesObject, change: (spec: Record<string, unknown>) => object) => ({
    ...object,
    spec: change(object['spec'] as Record<string, unknown>),
  });

  for (const stage of ['minimal', 'production'] as const)
    it(`of ${stage} are accepted with strict decoding and without a warning`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'rowlock-manifests-'));
      onCleanup(() => rmSync(dir, { recursive: true, force: true }));
      const all = await manifests(stage, dir);
      const unchecked = all.filter(isOnlyOnEks).map(({ kind }) => kind);
      expect(unchecked).to.have.members(['IngressClassParams', 'NodeClass', 'NodePool']);
      for (const object of all.filter((each) => !isOnlyOnEks(each))) {
        const query = 'fieldManager=rowlock&force=true&fieldValidation=Strict&dryRun=All';
        const path = `${await api.pathOf(object)}?${query}`;
        // A Job cannot be changed, so a second stage's counts as another one.
        const reply = await api.request('PATCH', path, object, 'application/apply-patch+yaml');
        expect(reply.status, `${object.kind} ${JSON.stringify(reply.body['message'])}`).to.be.oneOf([
          200, 201,
        ]);
        expect(reply.warnings, object.kind).to.deep.equal([]);
      }
      expect(all.length).to.be.greaterThan(25);
    });

  it('are rejected with a misspelt field', async () => {
    const wrong = withField(objectOf('Deployment', 'worker'), (spec) => ({ ...spec, minReadySecond: 5 }));
    const error = await api.apply(wrong).then(
      () => undefined,
      (reason: Error) => reason.message,
    );
    expect(error).to.include('minReadySecond');
  });

  it('start pods under the restricted standard, which rejects the same pod as root', async () => {
    const template = (objectOf('Deployment', 'api')['spec'] as { template: { spec: object } }).template;
    const create = (spec: object) =>
      api.request('POST', `/api/v1${NAMESPACE}/pods?dryRun=All`, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { generateName: 'api-' },
        spec,
      });
    expect((await create(template.spec)).status).to.equal(201);
    const rejected = await create({ ...template.spec, securityContext: { runAsUser: 0 } });
    expect(rejected.status).to.equal(403);
    expect(String(rejected.body['message'])).to.include('restricted');
  });

  it('spread the pods of each workload over both zones', async () => {
    for (const name of ['api', 'worker', 'data-platform']) {
      const zones = (await podsOf(name)).map(({ spec }) => spec.nodeName?.slice(0, 'zone-a'.length));
      expect(new Set(zones).size, `${name} in ${zones.join(', ')}`).to.equal(2);
    }
  });

  it('run the migrations as a Job that completes', async () => {
    const job = objects.find(({ kind }) => kind === 'Job') ?? expect.fail('there is no Job');
    const path = await api.pathOf(job);
    await until('it is complete', async () => {
      const { status } = (await api.read(path)) as { status?: { succeeded?: number } };
      return status?.succeeded === 1;
    });
  });

  it('bind the autoscaler to the Deployment of the API, which has its least number of pods', async () => {
    const scaler = objectOf('HorizontalPodAutoscaler', 'api');
    const path = await api.pathOf(scaler);
    const { conditions } = await until('it has looked', async () => {
      const { status } = (await api.read(path)) as {
        status?: { conditions?: readonly { type: string; status: string }[] };
      };
      return status?.conditions === undefined ? undefined : { conditions: status.conditions };
    });
    expect(conditions.find(({ type }) => type === 'AbleToScale')?.status).to.equal('True');
    const { minReplicas } = scaler['spec'] as { minReplicas: number };
    expect((await deployment('api')).spec.replicas).to.equal(minReplicas);
  });

  it('are seen by npm run smoke as they are: pods available, and an autoscaler without metrics', async () => {
    const paths = [DEPLOYMENTS, `/apis/autoscaling/v2${NAMESPACE}/horizontalpodautoscalers`];
    // As `kubectl get` prints several kinds.
    const list = async () => {
      const kinds = ['Deployment', 'HorizontalPodAutoscaler'];
      const lists = await Promise.all(paths.map((path) => api.read(path)));
      return lists.flatMap(({ items }, index) =>
        (items as readonly object[]).map((item) => ({ ...item, kind: kinds[index] })),
      );
    };
    const kubectl = async (command: string) =>
      command === 'config' ? 'cluster/rowlock-production-cluster' : JSON.stringify({ items: await list() });
    const smoke = async () => {
      const lines: string[] = [];
      const log = (line: string) => lines.push(line);
      const failure = await lookAtKubernetes({ kubectl, stage: 'production-cluster', log }).catch(
        (error: Error) => error.message,
      );
      return { lines, failure };
    };
    // The controller looks every 15 s; there is no metrics server here.
    const { lines } = await until('the autoscaler has looked', async () => {
      const seen = await smoke();
      return /^the autoscaler of api has no metrics: .*unable to/.test(seen.failure ?? '') ? seen : undefined;
    });
    expect(lines).to.deep.equal([
      'api: 3 of 3 pods are available',
      'worker: 3 of 3 pods are available',
      'data-platform: 3 of 3 pods are available',
    ]);
  });

  it('roll a release out and back without fewer pods than wanted at any time', async () => {
    const before = await deployment('api');
    const image = before.spec.template.spec.containers[0]?.image ?? '';
    for (const next of [`${image}-next`, image]) {
      let least = Number.POSITIVE_INFINITY;
      await api.apply(
        JSON.parse(JSON.stringify(objectOf('Deployment', 'api')).replaceAll(image, next)) as KubernetesObject,
      );
      await untilRolledOut('api', ({ status }) => {
        least = Math.min(least, status.availableReplicas ?? 0);
      });
      expect(least, next).to.be.at.least(before.spec.replicas);
      const images = (await podsOf('api')).map(({ spec }) => spec.containers[0]?.image);
      expect(new Set(images)).to.deep.equal(new Set([next]));
    }
  });

  it('let a drain take one pod of a workload at a time', async () => {
    const evict = async ({ metadata: { name } }: Pod) =>
      (
        await api.request('POST', `/api/v1${NAMESPACE}/pods/${name}/eviction`, {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name, namespace: 'rowlock' },
        })
      ).status;
    await untilRolledOut('worker');
    await until('the budget has counted its pods', async () => {
      const budget = await api.read(await api.pathOf(objectOf('PodDisruptionBudget', 'worker')));
      return (budget['status'] as { disruptionsAllowed?: number }).disruptionsAllowed === 1;
    });
    const [first, second] = await podsOf('worker');
    if (first === undefined || second === undefined) expect.fail('the worker has fewer than two pods');
    // Leaves no room for a replacement.
    await cordon(true);
    expect(await evict(first)).to.equal(201);
    expect(await evict(second), 'while the first has no replacement').to.equal(429);
    await cordon(false);
    await until('the replacement counts', async () => (await evict(second)) === 201, ROLLOUT);
  });

  const cordon = async (unschedulable: boolean): Promise<void> => {
    for (const node of nodes) {
      const path = `/api/v1/nodes/${node}`;
      const reply = await api.request(
        'PATCH',
        path,
        { spec: { unschedulable } },
        'application/merge-patch+json',
      );
      expect(reply.status, node).to.equal(200);
    }
  };
});

/** Replacements count after a second instead of half a minute, so that a rollout takes seconds. */
function quickly(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Deployment') return object;
  return { ...object, spec: { ...(object['spec'] as object), minReadySeconds: 1 } };
}
