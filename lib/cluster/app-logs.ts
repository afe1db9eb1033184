import { type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { namespace } from './names.ts';

export interface AppLog {
  /** The workload, whose containers have its name. */
  readonly name: string;
  readonly group: ILogGroup;
}

/**
 * Configuration of the Fluent Bit that the add-on amazon-cloudwatch-observability runs on every node. It
 * reads the app's containers and writes each workload's lines to its group.
 *
 * `log_key log` sends the line as the app wrote it. The add-on's own configuration would wrap it into
 * `{"log": …}`, and neither the metrics in it (embedded metric format) nor the filters of the alarms would
 * find their fields.
 */
export function fluentBitConfiguration(logs: readonly AppLog[], region: string): string {
  return logs
    .map(({ name, group }) => `${input(name)}\n${output(name, group.logGroupName, region)}`)
    .join('\n');
}

function input(name: string): string {
  return section('INPUT', {
    Name: 'tail',
    Tag: `app.${name}`,
    // A file per container: POD_NAMESPACE_CONTAINER-ID.log.
    Path: `/var/log/containers/${name}-*_${namespace}_*.log`,
    'multiline.parser': 'docker, cri',
    DB: `/var/fluent-bit/state/flb_${name}.db`,
    Mem_Buf_Limit: '20MB',
    Skip_Long_Lines: 'On',
    Refresh_Interval: '5',
    Rotate_Wait: '30',
    'storage.type': 'filesystem',
    // The first lines of a new pod say whether it has started.
    Read_from_Head: 'On',
  });
}

function output(name: string, logGroup: string, region: string): string {
  return section('OUTPUT', {
    Name: 'cloudwatch_logs',
    Match: `app.${name}`,
    region,
    log_group_name: logGroup,
    log_stream_prefix: '${HOST_NAME}-',
    log_key: 'log',
    log_format: 'json/emf',
    auto_create_group: 'false',
    // Above the time that a throttled group needs to catch up.
    Retry_Limit: '10',
  });
}

function section(name: string, keys: Readonly<Record<string, string>>): string {
  const lines = Object.entries(keys).map(([key, value]) => `  ${key} ${value}`);
  return `[${name}]\n${lines.join('\n')}\n`;
}
