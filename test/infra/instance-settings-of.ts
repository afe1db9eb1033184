import type { InstanceSettings } from '../../lib/instance/instance-settings.ts';
import type { SynthesisedStage } from '../support/observe/synthesised-stage.ts';

/** Returns the user data of a fleet as text, with placeholders for values that only a deployment knows. */
export function userDataOf(stage: SynthesisedStage, fleet: 'Api' | 'DataPlatform'): string {
  const { Properties } = stage.one('AWS::EC2::LaunchTemplate', `${fleet}Template`);
  return resolved(Properties['LaunchTemplateData']['UserData']['Fn::Base64']);
}

/** Parses the settings that the user data writes to the instance. */
export function instanceSettingsOf(stage: SynthesisedStage, fleet: 'Api' | 'DataPlatform'): InstanceSettings {
  const json = /<<'SETTINGS'\n([\s\S]*?)\nSETTINGS\n/.exec(userDataOf(stage, fleet))?.[1];
  if (json === undefined) throw new Error('the user data writes no settings');
  return JSON.parse(json) as InstanceSettings;
}

/** Resolves a template value to text, with placeholders for values that only a deployment knows. */
export function resolved(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[intrinsic, argument] = ['', '']] = Object.entries(value as Record<string, unknown>);
  switch (intrinsic) {
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(resolved).join(separator);
    }
    case 'Ref':
      return argument === 'AWS::Region' ? 'ap-northeast-2' : `ref-${String(argument)}`;
    case 'Fn::Sub':
      return String(argument)
        .replaceAll(/\$\{([^}]+)\}/g, 'ref-$1')
        .replaceAll('::', '-');
    case 'Fn::ImportValue':
    case 'Fn::GetAtt':
      return (
        [argument]
          .flat()
          .join('-')
          .replaceAll(/[^A-Za-z0-9-]/g, '-')
          // Host names are lower case.
          .toLowerCase()
      );
    default:
      throw new Error(`no text for ${intrinsic}`);
  }
}
