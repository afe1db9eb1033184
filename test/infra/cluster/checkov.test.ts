import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { acknowledgedInCluster } from '../../../lib/acknowledged-checks.ts';
import { pythonTool, pythonToolTimeoutMs } from '../../support/servers/python-tool.ts';
import { type Check, checkovTimeoutMs, copyTemplates, runCheckov } from '../run-checkov.ts';
import { stageNames } from '../../../lib/settings/stage-settings.ts';
import { synthesisedCluster, withDomain } from './synthesised-cluster.ts';

describe('checkov in the cluster', function () {
  let failed: readonly Check[];
  let skipped: readonly Check[];
  let passed: readonly Check[];

  before(async function () {
    this.timeout(pythonToolTimeoutMs + checkovTimeoutMs);
    const python = await pythonTool('checkov==3.3.30', this);
    const work = mkdtempSync(join(tmpdir(), 'rowlock-checkov-'));
    try {
      for (const stage of stageNames)
        copyTemplates((await synthesisedCluster(stage)).directory, join(work, stage));
      copyTemplates(
        (await synthesisedCluster('production', withDomain)).directory,
        join(work, 'with-domain'),
      );
      const { results } = await runCheckov(python, work);
      ({ failed_checks: failed, skipped_checks: skipped, passed_checks: passed } = results);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });

  for (const folder of [...stageNames, 'with-domain'])
    it(`finds nothing unexplained in ${folder}`, () => {
      const of = (checks: readonly Check[]) =>
        checks.filter(({ file_path }) => file_path.startsWith(`/${folder}/`));
      const found = of(failed).map((check) => `${check.check_id} ${check.check_name}: ${check.resource}`);
      expect(found).to.deep.equal([]);
      expect(of(passed)).to.have.length.of.at.least(200);
    });

  it('is told no reason that nothing needs', () => {
    const used = new Set(skipped.map(({ check_id }) => check_id));
    expect(acknowledgedInCluster.map(({ id }) => id).filter((id) => !used.has(id))).to.deep.equal([]);
  });
});
