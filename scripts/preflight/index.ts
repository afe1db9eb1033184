/** `npm run preflight`: checks whether a deployment of this stage would fail in this account. See usage. */
import { parseArgs } from 'node:util';
import { deploymentOptions } from '../../lib/settings/deployment-options.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { clusterSettings } from '../../lib/settings/cluster-settings.ts';
import { deploymentShape, deploymentShapes } from '../../lib/settings/deployment-shape.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { runCommand } from '../run-command.ts';
import { readAccount } from './account-facts.ts';
import { needsOfCluster, needsOfInstances } from './account-needs.ts';
import { readCluster } from './cluster-facts.ts';
import { judgeAccount } from './judge-account.ts';
import { judgeCluster } from './judge-cluster.ts';

const usage = `usage: npm run preflight -- --stage ${stageNames.join('|')} --region REGION [--zones NAME,NAME]
                            [--shape ${deploymentShapes.join('|')}]

Checks the account of the current AWS credentials without changing it: zones and their offers, quotas, names
that already exist, and bootstrapping. Exits with 1 if a deployment would fail.

  --shape   what the deployment will name with -c shape=… (default: ${deploymentShapes[0]}); for the cluster
            also versions of Kubernetes and Kafka, quotas of EKS and MSK
  --zones   zones that the deployment will name with -c zones=… (default: those that CloudFormation chooses)
`;

await runCommand('preflight', main);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string' },
      region: { type: 'string' },
      zones: { type: 'string' },
      shape: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { stage, region, zones, help } = values;
  if (help || stage === undefined || region === undefined) {
    process.stdout.write(usage);
    return help ? 0 : 1;
  }
  const isCluster = deploymentShape(values.shape) === 'cluster';
  const needs = isCluster ? needsOfCluster(clusterSettings(stage)) : needsOfInstances(stageSettings(stage));
  const options = deploymentOptions((name) => (name === 'zones' ? zones : undefined));
  const facts = await readAccount(region, needs);
  const findings = judgeAccount(facts, needs, options);
  if (needs.cluster !== undefined) {
    const found = await readCluster(region, needs.settings.name);
    findings.push(...judgeCluster(found, needs.cluster, facts.stacks));
  }
  for (const { verdict, text } of findings) console.log(`${verdict.padEnd(5)}  ${text}`);
  const errors = findings.filter(({ verdict }) => verdict === 'error').length;
  console.log(errors === 0 ? 'Nothing found that would stop a deployment.' : `${errors} error(s).`);
  return errors === 0 ? 0 : 1;
}
