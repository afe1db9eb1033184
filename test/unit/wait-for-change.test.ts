import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { waitForChange, watchedFolders } from '../../scripts/test-suites/wait-for-change.ts';
import { onCleanup } from '../support/cleanup.ts';

describe('waitForChange', () => {
  function sourceTree(): string {
    const top = mkdtempSync(join(tmpdir(), 'rowlock-watch-'));
    onCleanup(() => rmSync(top, { recursive: true, force: true }));
    for (const folder of watchedFolders) mkdirSync(join(top, folder, 'deep'), { recursive: true });
    return top;
  }

  it('resolves with the source file that changed, and ignores backup files of editors', async () => {
    const top = sourceTree();
    const changed = waitForChange(top, new AbortController().signal);
    writeFileSync(join(top, 'app/deep/.cart.ts.swp'), '');
    writeFileSync(join(top, 'app/deep/cart.ts'), '');
    expect(await changed).to.equal('app/deep/cart.ts');
  });

  it('resolves with undefined when the run is stopped', async () => {
    const stopping = new AbortController();
    const changed = waitForChange(sourceTree(), stopping.signal);
    stopping.abort();
    expect(await changed).to.equal(undefined);
  });
});
