/**
 * Writes the templates of both stages in both shapes for a linter, without an account: `node
 * scripts/templates/write-templates.ts FOLDER`.
 */
import { join } from 'node:path';
import { clusterSettings } from '../../lib/settings/cluster-settings.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { synthesiseCluster } from './synthesise-cluster.ts';
import { synthesiseStage } from './synthesise-stage.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/templates/write-templates.ts FOLDER');
for (const name of stageNames) {
  synthesiseStage(stageSettings(name), join(folder, name));
  await synthesiseCluster(clusterSettings(name), join(folder, `${name}-cluster`));
}
