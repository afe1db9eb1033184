import type { environmentNames } from '../../app/config/read-config.ts';

/** A variable of the app; the compiler refuses a name that app/config does not know. */
export type EnvironmentName = (typeof environmentNames)[number];

/** A unit of systemd that runs the app: `rowlock-<process>.service`. */
export type ProcessName = 'api' | 'worker' | 'data-platform';

/** A variable whose value holds a secret: made on the instance, when a process starts. */
export interface SecretVariable {
  readonly secretArn: string;
  /**
   * The value, with `{}` for the whole secret, or `{name}` for a field of it where it is JSON; each filled in
   * with what a URL may hold.
   */
  readonly template: string;
}

export interface ProcessSettings {
  readonly variables: Readonly<Partial<Record<EnvironmentName, string>>>;
  readonly secretVariables: Readonly<Partial<Record<EnvironmentName, SecretVariable>>>;
}

/**
 * What an instance is told about itself, as /etc/rowlock/settings.json. The stack writes it into the user
 * data, so it holds names and never a secret.
 */
export interface InstanceSettings {
  readonly region: string;
  /** The group's stack and its logical id there: what a signal of CloudFormation is addressed to. */
  readonly stackName: string;
  readonly groupLogicalId: string;
  readonly groupName: string;
  readonly terminateHook: string;
  /** The instance reports success once its target here is healthy … */
  readonly targetGroupArn: string | undefined;
  /** … or, where it has no target, once this file of a process has stayed for a while. */
  readonly readyFile: string | undefined;
  readonly logGroup: string;
  readonly processes: Readonly<Partial<Record<ProcessName, ProcessSettings>>>;
}
