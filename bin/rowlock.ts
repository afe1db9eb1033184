/**
 * CDK entry: `npx cdk synth -c stage=minimal|production`, with the options of
 * lib/settings/deployment-options.ts as further `-c name=value`.
 */
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { deploymentOptions } from '../lib/settings/deployment-options.ts';
import { rowlockStacks } from '../lib/rowlock-stacks.ts';
import { stageSettings } from '../lib/settings/stages.ts';

const app = new App();
const context = (name: string): unknown => app.node.tryGetContext(name);
rowlockStacks(app, {
  settings: stageSettings(context('stage')),
  options: deploymentOptions(context),
  // The command line sets it from the credentials and the profile in use.
  region: process.env['CDK_DEFAULT_REGION'] ?? 'us-east-1',
  bundleFile: join(import.meta.dirname, '../.local/bundle/rowlock-linux-arm64.tar.gz'),
});
// Synthesis fails on a finding without an acknowledged reason.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
