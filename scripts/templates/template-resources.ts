import type { App } from 'aws-cdk-lib';
import type { TemplateResource } from '../../lib/cost/cost-item.ts';

/** Synthesises the app and returns the resources of all its templates. */
export function templateResources(app: App): TemplateResource[] {
  return app.synth().stacks.flatMap(({ stackName, template }) => {
    const { Resources } = template as { Resources: Record<string, Partial<TemplateResource>> };
    return Object.entries(Resources).map(([logicalId, { Type = '', Properties = {} }]) => ({
      logicalId,
      stack: stackName,
      Type,
      Properties,
    }));
  });
}
