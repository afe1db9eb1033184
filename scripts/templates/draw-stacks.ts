/** Draws docs/images/stacks.svg from the templates of production: `node scripts/templates/draw-stacks.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageSettings } from '../../lib/settings/stages.ts';
import { stacksPicture } from './stacks-picture.ts';
import { synthesiseStage } from './synthesise-stage.ts';

const work = mkdtempSync(join(tmpdir(), 'rowlock-draw-'));
try {
  const resources = synthesiseStage(stageSettings('production'), work);
  writeFileSync(join(import.meta.dirname, '../../docs/images/stacks.svg'), stacksPicture(resources));
} finally {
  rmSync(work, { recursive: true, force: true });
}
