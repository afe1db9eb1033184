import { createHash } from 'node:crypto';
import { Duration } from 'aws-cdk-lib';
import { KubernetesObjectValue } from 'aws-cdk-lib/aws-eks-v2';
import { Construct, type IDependable } from 'constructs';
import { type DatabaseAccess, useDatabase } from '../service/use-database.ts';
import { deadlines } from '../settings/deadlines.ts';
import { AppWorkload, type AppWorkloadProps } from './app-workload.ts';
import type { Job } from './kubernetes-types.ts';
import { namespace, workloadLabel } from './names.ts';
import { podTemplate } from './pod-template.ts';

export interface MigrationJobProps extends Omit<AppWorkloadProps, 'name'> {
  readonly data: DatabaseAccess;
  readonly image: string;
  readonly stage: string;
  readonly policies: IDependable;
}

const name = 'migrate';

/**
 * Migrates the database once per release, before a Deployment changes: CloudFormation waits until the Job has
 * completed. If it fails, the release ends while the pods of the previous one still serve. Only this pod may
 * read the secret of the user who may change the schema.
 */
export class MigrationJob extends Construct {
  constructor(scope: Construct, id: string, props: MigrationJobProps) {
    super(scope, id);
    const { eks, podGroup, data, image, stage, policies } = props;
    const host = new AppWorkload(this, 'Workload', { name, eks, podGroup });
    host.setVariables([name], { STAGE: stage });
    useDatabase(host, data, { as: 'migrator', for: [name] });
    let jobName = '';
    const objects = host.addObjects((settingsHash) => {
      // Kubernetes changes no Job: each release and each change of settings has a new one. The CDK prunes the
      // old ones.
      const release = createHash('sha256')
        .update(`${imageDigest(image)} ${settingsHash}`)
        .digest('hex');
      jobName = `${name}-${release.slice(0, 12)}`;
      const job: Job = {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: jobName, namespace, labels: workloadLabel(name) },
        spec: {
          backoffLimit: 3,
          activeDeadlineSeconds: deadlines.migrationsS,
          template: podTemplate(
            { name, image, settings: { cpuMilli: 100, memoryMib: 256 }, settingsHash },
            { restartPolicy: 'Never' },
            {},
          ),
        },
      };
      return [job];
    });
    objects.node.addDependency(policies);
    const completed = new KubernetesObjectValue(this, 'Completed', {
      cluster: eks.cluster,
      objectType: 'job',
      objectName: jobName,
      objectNamespace: namespace,
      jsonPath: '.status.conditions[?(@.type=="Complete")].status',
      timeout: Duration.seconds(deadlines.migrationsS),
    });
    completed.node.addDependency(objects);
  }
}

/** The digest is known when the template is made; the repository's address is not. */
function imageDigest(image: string): string {
  return /@(sha256:[0-9a-f]+)$/.exec(image)?.[1] ?? image;
}
