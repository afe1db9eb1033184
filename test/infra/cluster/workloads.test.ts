import { expect } from 'chai';
import type { Deployment, PodSpec } from '../../../lib/cluster/kubernetes-types.ts';
import { deadlines } from '../../../lib/settings/deadlines.ts';
import { stageNames } from '../../../lib/settings/stage-settings.ts';
import { objectsOf, type SynthesisedCluster, synthesisedCluster } from './synthesised-cluster.ts';

const names = ['api', 'worker', 'data-platform'] as const;

/** Violations of the restricted pod security standard; the API server rejects each of them. */
function unrestricted(spec: PodSpec): string[] {
  const found: string[] = [];
  if (!spec.securityContext.runAsNonRoot) found.push('may be root');
  if (spec.securityContext.seccompProfile.type !== 'RuntimeDefault') found.push('has no seccomp profile');
  for (const { name, securityContext } of [...spec.initContainers, ...spec.containers]) {
    const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = securityContext;
    if (allowPrivilegeEscalation) found.push(`${name} may gain privileges`);
    if (!readOnlyRootFilesystem) found.push(`${name} may write to its image`);
    if (!capabilities.drop.includes('ALL')) found.push(`${name} has capabilities`);
  }
  for (const volume of spec.volumes)
    if (volume.emptyDir === undefined && volume.configMap === undefined) found.push(`mounts ${volume.name}`);
  return found;
}

for (const stage of stageNames)
  describe(`the workloads of ${stage}`, function () {
    let cluster: SynthesisedCluster;
    let deployments: Record<(typeof names)[number], Deployment>;

    before(async () => {
      cluster = await synthesisedCluster(stage);
      const of = (name: string) => cluster.object('Deployment', name);
      deployments = { api: of('api'), worker: of('worker'), 'data-platform': of('data-platform') };
    });

    const specs = (): PodSpec[] => [
      ...names.map((name) => deployments[name].spec.template.spec),
      ...cluster.objects.flatMap((one) => (one.kind === 'Job' ? [one.spec.template.spec] : [])),
    ];

    it('run under the restricted security standard, which their namespace enforces', () => {
      expect(specs()).to.have.length(4);
      for (const spec of specs()) expect(unrestricted(spec)).to.deep.equal([]);
      const { labels } = cluster.object('Namespace', 'rowlock').metadata;
      expect(labels).to.include({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    });

    it('are reported if one violates it', () => {
      const [spec] = structuredClone(specs()) as unknown as [
        {
          securityContext: { runAsNonRoot: boolean };
          containers: { securityContext: { readOnlyRootFilesystem: boolean } }[];
        },
      ];
      spec.securityContext.runAsNonRoot = false;
      for (const { securityContext } of spec.containers) securityContext.readOnlyRootFilesystem = false;
      expect(unrestricted(spec as unknown as PodSpec)).to.deep.equal([
        'may be root',
        'api may write to its image',
      ]);
    });

    it('name the image by its digest', () => {
      for (const spec of specs())
        for (const { image } of [...spec.initContainers, ...spec.containers])
          expect(image).to.match(/@sha256:[0-9a-f]{64}$/);
    });

    it('are replaced without losing a pod, and stop only after deregistration', () => {
      for (const name of names) {
        const { strategy, minReadySeconds, template } = deployments[name].spec;
        expect(strategy.rollingUpdate).to.deep.equal({ maxSurge: 1, maxUnavailable: 0 });
        expect(minReadySeconds).to.equal(30);
        expect(template.spec.terminationGracePeriodSeconds).to.equal(deadlines.podStopS);
      }
      const [api] = deployments.api.spec.template.spec.containers;
      expect(api?.lifecycle?.preStop.sleep.seconds).to.equal(deadlines.podPreStopS);
      const drainS = deadlines.drainTimeoutMs / 1000 + 3;
      expect(deadlines.podStopS).to.be.greaterThan(deadlines.podPreStopS + drainS);
    });

    it('have probes, requests, a memory limit and a place in each zone', () => {
      for (const name of names) {
        const { containers, topologySpreadConstraints = [] } = deployments[name].spec.template.spec;
        const [container] = containers;
        expect(container).to.include.keys('startupProbe', 'readinessProbe');
        expect(container?.resources.requests).to.have.keys('cpu', 'memory');
        expect(container?.resources.limits).to.have.keys('memory');
        expect(topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).to.deep.equal([
          'topology.kubernetes.io/zone',
          'kubernetes.io/hostname',
        ]);
        expect(cluster.object('PodDisruptionBudget', name).spec.maxUnavailable).to.equal(1);
      }
    });

    it('are not started again while they wait for Kafka or MySQL, for up to an hour', () => {
      for (const name of ['worker', 'data-platform'] as const) {
        const [container] = deployments[name].spec.template.spec.containers;
        const { periodSeconds = 0, failureThreshold = 0 } = container?.startupProbe ?? {};
        expect(periodSeconds * failureThreshold, name).to.be.at.least(60 * 60);
        expect(container, name).to.not.have.property('livenessProbe');
      }
    });

    it('let the autoscaler alone set the number of API pods', () => {
      const { settings } = cluster;
      expect(deployments.api.spec).to.not.have.property('replicas');
      expect(deployments.worker.spec.replicas).to.equal(settings.worker.replicas);
      const { spec } = cluster.object('HorizontalPodAutoscaler', 'api');
      expect(spec).to.include({
        minReplicas: settings.api.replicas,
        maxReplicas: settings.api.replicasMax,
      });
      expect(spec.scaleTargetRef.name).to.equal('api');
    });

    it('have a service account each, whose role only its own pods may assume', () => {
      const accounts = cluster.objects.filter(({ kind }) => kind === 'ServiceAccount');
      expect(accounts.map(({ metadata }) => metadata.name)).to.have.members([...names, 'migrate']);
      const roles = accounts.map(({ metadata }) => metadata.annotations?.['eks.amazonaws.com/role-arn']);
      expect(new Set(roles).size).to.equal(4);
      const trusts = cluster
        .ofType('AWS::IAM::Role', 'Workloads')
        .map(({ Properties }) => JSON.stringify(Properties['AssumeRolePolicyDocument']))
        .filter((text) => text.includes('sts:AssumeRoleWithWebIdentity'));
      expect(trusts).to.have.length(4);
      const subjects = JSON.stringify(cluster.ofType('Custom::AWSCDKCfnJson', 'Workloads'));
      for (const name of [...names, 'migrate'])
        expect(subjects).to.contain(`system:serviceaccount:rowlock:${name}`);
    });

    it('read only the secrets that they need', () => {
      const mayRead = (id: string) => {
        const policies = cluster
          .ofType('AWS::IAM::Policy', 'Workloads')
          .filter(({ logicalId }) => logicalId.startsWith(id));
        const statements = policies.flatMap(({ Properties }) => Properties['PolicyDocument']['Statement']);
        const text = JSON.stringify(
          (statements as { Action: string | string[] }[]).filter(({ Action }) =>
            [Action].flat().includes('secretsmanager:GetSecretValue'),
          ),
        );
        return [
          ...new Set(
            [...text.matchAll(/Secret(app|statistics|migrator)|Redis(State|Cache)|OriginKey/g)].map(
              ([found]) => found,
            ),
          ),
        ].toSorted();
      };
      expect(mayRead('Api')).to.deep.equal(['OriginKey', 'RedisCache', 'RedisState', 'Secretapp']);
      expect(mayRead('Worker')).to.deep.equal(['RedisState', 'Secretapp']);
      expect(mayRead('DataPlatform')).to.deep.equal(['Secretstatistics']);
      expect(mayRead('Migration')).to.deep.equal(['Secretmigrator']);
    });

    it('let only the worker end what CloudFront holds, of this distribution alone', () => {
      const statements = cluster
        .ofType('AWS::IAM::Policy', 'Workloads')
        .flatMap(({ logicalId, Properties }) =>
          (Properties['PolicyDocument']['Statement'] as { Action: string; Resource: unknown }[]).map(
            (statement) => ({ ...statement, logicalId }),
          ),
        )
        .filter(({ Action }) => JSON.stringify(Action).includes('cloudfront:'));
      expect(statements).to.have.length(1);
      const [statement] = statements;
      expect(statement?.logicalId).to.match(/^Worker/);
      expect(statement?.Action).to.equal('cloudfront:CreateInvalidation');
      const id = 'Rowlock-[a-z-]+-Edge:ExportsOutputRefShopDistribution\\w+';
      expect(JSON.stringify(statement?.Resource)).to.match(
        new RegExp(`":cloudfront::".*":distribution/",\\{"Fn::ImportValue":"${id}"\\}`),
      );
      const settings = cluster.objects.flatMap((one) =>
        one.kind === 'ConfigMap' && JSON.stringify(one).includes('EDGE_DISTRIBUTION_ID')
          ? [one.metadata.name]
          : [],
      );
      expect(settings).to.have.length(1);
      expect(settings[0]).to.match(/^worker/);
    });

    it('put no secret into an object: only ARNs, which an init container resolves into memory', () => {
      for (const { Properties } of cluster.ofType('Custom::AWSCDK-EKS-KubernetesResource'))
        expect(JSON.stringify(Properties)).to.not.contain('resolve:secretsmanager');
      for (const spec of specs()) {
        const [init] = spec.initContainers;
        expect(init?.command.slice(1)).to.deep.equal([
          '/opt/rowlock/instance/read-settings.mjs',
          spec.serviceAccountName,
          'node',
        ]);
        expect(spec.volumes.find(({ name }) => name === 'run')?.emptyDir?.medium).to.equal('Memory');
      }
    });

    it('wait for the migration of the release, which is a Job with a unique name', () => {
      const job = cluster.objects.find(({ kind }) => kind === 'Job');
      expect(job?.metadata.name).to.match(/^migrate-[0-9a-f]{12}$/);
      const completed = cluster.one('Custom::AWSCDK-EKS-KubernetesObjectValue', 'MigrationCompleted');
      expect(completed.Properties['ObjectName']).to.equal(job?.metadata.name);
      for (const id of ['ApiObjects', 'WorkerObjects', 'DataPlatformObjects']) {
        const manifest = cluster.one('Custom::AWSCDK-EKS-KubernetesResource', id);
        expect(manifest.DependsOn).to.include(completed.logicalId);
        expect(objectsOf(manifest).map(({ kind }) => kind)).to.include('Deployment');
      }
    });

    it('start new pods when their settings change', () => {
      const hashes = names.map(
        (name) => deployments[name].spec.template.metadata.annotations['rowlock.dev/settings'],
      );
      expect(new Set(hashes).size).to.equal(3);
      for (const hash of hashes) expect(hash).to.match(/^[0-9a-f]{12}$/);
    });

    it('reach only the servers that they need, and only the API is reachable', () => {
      const policies = cluster.objects.filter((one) => one.kind === 'NetworkPolicy');
      const ports = (name: string) =>
        policies
          .find(({ metadata }) => metadata.name === `${name}-servers`)
          ?.spec.egress?.flatMap((rule) => rule.ports.map(({ port }) => port));
      expect(ports('api')).to.deep.equal([3306, 6379, 9098]);
      expect(ports('data-platform')).to.deep.equal([3306, 9098]);
      expect(ports('migrate')).to.deep.equal([3306]);
      const inbound = policies.filter(({ spec }) => spec.ingress !== undefined);
      expect(inbound.map(({ metadata }) => metadata.name)).to.deep.equal(['api-requests']);
      const all = policies.find(({ metadata }) => metadata.name === 'default');
      expect(all?.spec).to.deep.include({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
      // DNS, and AWS over HTTPS.
      const always = all?.spec.egress?.flatMap((rule) => rule.ports.map(({ port }) => port));
      expect(always).to.deep.equal([53, 53, 443]);
    });
  });
