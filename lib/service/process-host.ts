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
  /**
   * Environment variables for processes of this host. Their names come from app/config. Throws for one that
   * has a value already: a setting of the stage would silently lose, or break what the stack relies on.
   */
  setVariables(
    processes: readonly ProcessName[],
    variables: Readonly<Partial<Record<EnvironmentName, string>>>,
  ): void;
  setSecretVariable(processes: readonly ProcessName[], name: EnvironmentName, value: SecretVariable): void;
}

/** What a host does before it sets variables of a process. */
export function requireUnset(
  variables: Readonly<Partial<Record<EnvironmentName, string>>>,
  names: readonly string[],
): void {
  const twice = names.filter((name) => name in variables);
  if (twice.length > 0) throw new Error(`${twice.join(', ')}: the stacks set it, so \`variables\` must not`);
}
