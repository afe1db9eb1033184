import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { IGrantable, Role } from 'aws-cdk-lib/aws-iam';
import type { EnvironmentName, ProcessName, SecretVariable } from '../instance/instance-settings.ts';

/**
 * What runs processes of the app and can be granted what they need: a fleet of instances, or a workload of
 * the cluster. The `use…` functions beside this file grant permission, network access and environment
 * variable together.
 */
export interface ProcessHost extends IConnectable, IGrantable {
  readonly role: Role;
  /** Environment variables for processes of this host. Their names come from app/config. */
  setVariables(
    processes: readonly ProcessName[],
    variables: Readonly<Partial<Record<EnvironmentName, string>>>,
  ): void;
  setSecretVariable(processes: readonly ProcessName[], name: EnvironmentName, value: SecretVariable): void;
}
