/** `npm run preflight`: checks whether a deployment of this stage would fail in this account. See usage. */
import { parseArgs } from 'node:util';
import { deploymentOptions } from '../../lib/settings/deployment-options.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { runCommand } from '../run-command.ts';
import { readAccount } from './account-facts.ts';
import { judgeAccount } from './judge-account.ts';

const usage = `usage: npm run preflight -- --stage ${stageNames.join('|')} --region REGION [--zones NAME,NAME]

Checks the account of the current AWS credentials without changing it: zones and their offers, quotas, names
that already exist, and bootstrapping. Exits with 1 if a deployment would fail.

  --zones   zones that the deployment will name with -c zones=… (default: those that CloudFormation chooses)
`;

await runCommand('preflight', main);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string' },
      region: { type: 'string' },
      zones: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { stage, region, zones, help } = values;
  if (help || stage === undefined || region === undefined) {
    process.stdout.write(usage);
    return help ? 0 : 1;
  }
  const settings = stageSettings(stage);
  const options = deploymentOptions((name) => (name === 'zones' ? zones : undefined));
  const findings = judgeAccount(await readAccount(region, settings), settings, options);
  for (const { verdict, text } of findings) console.log(`${verdict.padEnd(5)}  ${text}`);
  const errors = findings.filter(({ verdict }) => verdict === 'error').length;
  console.log(errors === 0 ? 'Nothing found that would stop a deployment.' : `${errors} error(s).`);
  return errors === 0 ? 0 : 1;
}
