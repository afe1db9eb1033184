import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stacksPicture } from '../../scripts/templates/stacks-picture.ts';
import { synthesisedStage } from '../support/observe/synthesised-stage.ts';

const picture = join(import.meta.dirname, '../../docs/images/stacks.svg');

describe('the picture of the stacks', function () {
  it('matches the production templates (update: node scripts/templates/draw-stacks.ts)', () => {
    const { resources } = synthesisedStage('production');
    expect(stacksPicture(resources)).to.equal(readFileSync(picture, 'utf8'));
  });
});
