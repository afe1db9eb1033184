/**
 * Writes the templates of both stages for a linter, without an account: `node
 * scripts/templates/write-templates.ts FOLDER`.
 */
import { join } from 'node:path';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { synthesiseStage } from './synthesise-stage.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/templates/write-templates.ts FOLDER');
for (const name of stageNames) synthesiseStage(stageSettings(name), join(folder, name));
