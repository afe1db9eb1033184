import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdk from '../../cdk.json' with { type: 'json' };
import type { TemplateResource } from '../../lib/cost/cost-item.ts';
import { deploymentOptions } from '../../lib/settings/deployment-options.ts';
import { rowlockStacks } from '../../lib/rowlock-stacks.ts';
import type { StageSettings } from '../../lib/settings/stage-settings.ts';
import { templateResources } from './template-resources.ts';

/**
 * Writes the templates of a stage into `outdir` and returns their resources. An empty file stands in for the
 * instance's bundle: these templates are for reading, not for deployment.
 */
export function synthesiseStage(settings: StageSettings, outdir: string): TemplateResource[] {
  mkdirSync(outdir, { recursive: true });
  const bundleFile = join(outdir, 'rowlock-linux-arm64.tar.gz');
  writeFileSync(bundleFile, '');
  const app = new App({ outdir: join(outdir, 'cdk.out'), context: cdk.context });
  rowlockStacks(app, {
    settings,
    options: deploymentOptions(() => undefined),
    region: 'us-east-1',
    bundleFile,
  });
  return templateResources(app);
}
