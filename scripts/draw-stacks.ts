/** `node scripts/draw-stacks.ts`: draws docs/images/stacks.svg from the synthesised templates of production. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageSettings } from '../lib/stages.ts';
import { stacksPicture } from './templates/stacks-picture.ts';
import { synthesiseStage } from './templates/synthesise-stage.ts';

const work = mkdtempSync(join(tmpdir(), 'rowlock-draw-'));
try {
  const resources = synthesiseStage(stageSettings('production'), work);
  writeFileSync(join(import.meta.dirname, '../docs/images/stacks.svg'), stacksPicture(resources));
} finally {
  rmSync(work, { recursive: true, force: true });
}
