/**
 * CDK entry: `npx cdk synth -c stage=minimal|production [-c shape=instances|cluster]`, with the options of
 * lib/settings/deployment-options.ts as further `-c name=value`.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { clusterStacks } from '../lib/cluster-stacks.ts';
import { rowlockStacks } from '../lib/rowlock-stacks.ts';
import { clusterSettings } from '../lib/settings/cluster-settings.ts';
import { deploymentOptions, optionNames } from '../lib/settings/deployment-options.ts';
import { deploymentShape } from '../lib/settings/deployment-shape.ts';
import { checkOptionNames } from '../lib/settings/option-names.ts';
import { stageSettings } from '../lib/settings/stages.ts';

const top = join(import.meta.dirname, '..');
const app = new App();
const context = (name: string): unknown => app.node.tryGetContext(name);
checkOptionNames(Object.keys(app.node.getAllContext()), ['stage', 'shape', ...optionNames]);
const options = deploymentOptions(context);
// The command line sets it from the credentials and the profile in use.
const region = process.env['CDK_DEFAULT_REGION'] ?? 'us-east-1';
if (deploymentShape(context('shape')) === 'cluster') {
  const settings = clusterSettings(context('stage'));
  build('scripts/container/index.ts');
  const imageLayout = join(top, '.local/container/linux-arm64');
  const pagesDirectory = join(top, '.local/container/bundle-linux-arm64/app/pages');
  clusterStacks(app, { settings, options, region, imageLayout, pagesDirectory });
} else {
  const settings = stageSettings(context('stage'));
  build('scripts/bundle/index.ts');
  rowlockStacks(app, {
    settings,
    options,
    region,
    bundleFile: join(top, '.local/bundle/rowlock-linux-arm64.tar.gz'),
    pagesDirectory: join(top, '.local/bundle/linux-arm64/app/pages'),
  });
}
// Synthesis fails on a finding without an acknowledged reason.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();

/** Builds what this shape deploys. Both run on Arm. Standard output belongs to the CDK. */
function build(script: string): void {
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  execFileSync(process.execPath, [join(top, script), 'arm64'], { stdio: [...stdio] });
}
