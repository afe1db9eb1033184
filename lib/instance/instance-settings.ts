import type { EnvironmentName } from '../../app/config/read-config.ts';

export type { EnvironmentName } from '../../app/config/read-config.ts';

/**
 * Process of the app: on instances a systemd unit `rowlock-<process>.service`, in the cluster a Deployment
 * or, for `migrate`, a Job.
 */
export type ProcessName = 'api' | 'worker' | 'data-platform' | 'migrate';

/** Variable with a secret in its value, which the instance fills in when a process starts. */
export interface SecretVariable {
  readonly secretArn: string;
  /**
   * The value with placeholders: `{}` for the whole secret, `{name}` for a field of a JSON secret. Inserted
   * text is escaped for URLs.
   */
  readonly template: string;
}

export interface ProcessSettings {
  readonly variables: Readonly<Partial<Record<EnvironmentName, string>>>;
  readonly secretVariables: Readonly<Partial<Record<EnvironmentName, SecretVariable>>>;
}

/**
 * Settings of an instance, in /etc/rowlock/settings.json. The stack writes them into the user data, so they
 * contain names and never a secret.
 */
export interface InstanceSettings {
  readonly region: string;
  /** Stack and logical id of the group, to which a signal for CloudFormation is addressed. */
  readonly stackName: string;
  readonly groupLogicalId: string;
  readonly groupName: string;
  readonly terminateHook: string;
  /** The instance reports success once its target in this group is healthy. */
  readonly targetGroupArn: string | undefined;
  /** Without a target, the instance reports success once this file of a process has stayed for a while. */
  readonly readyFile: string | undefined;
  readonly logGroup: string;
  readonly processes: Readonly<Partial<Record<ProcessName, ProcessSettings>>>;
}
