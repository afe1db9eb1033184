/** `node scripts/write-templates.ts FOLDER`: the templates of both stages, for a linter. They need no account. */
import { join } from 'node:path';
import { stageNames, stageSettings } from '../lib/stages.ts';
import { synthesiseStage } from './templates/synthesise-stage.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node scripts/write-templates.ts FOLDER');
for (const name of stageNames) synthesiseStage(stageSettings(name), join(folder, name));
