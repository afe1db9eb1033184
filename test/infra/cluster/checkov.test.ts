import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { acknowledgedInCluster } from '../../../lib/acknowledged-checks.ts';
import { pythonTool, pythonToolTimeoutMs } from '../../support/servers/python-tool.ts';
import { type Check, checkovTimeoutMs, copyTemplates, runCheckov } from '../run-checkov.ts';
import { synthesisedCluster } from './synthesised-cluster.ts';

describe('checkov in the cluster', function () {
  let failed: readonly Check[];
  let skipped: readonly Check[];
  let passed: readonly Check[];

  before(async function () {
    this.timeout(pythonToolTimeoutMs + checkovTimeoutMs);
    const python = await pythonTool('checkov==3.3.30', this);
    const work = mkdtempSync(join(tmpdir(), 'rowlock-checkov-'));
    try {
      // One stage: the other one has the same types, and the other shape's test looks at its settings.
      copyTemplates((await synthesisedCluster('minimal')).directory, work);
      const { results } = await runCheckov(python, work);
      ({ failed_checks: failed, skipped_checks: skipped, passed_checks: passed } = results);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });

  it('finds nothing unexplained', () => {
    const found = failed.map((check) => `${check.check_id} ${check.check_name}: ${check.resource}`);
    expect(found).to.deep.equal([]);
    expect(passed).to.have.length.of.at.least(200);
  });

  it('is told no reason that nothing needs', () => {
    const used = new Set(skipped.map(({ check_id }) => check_id));
    expect(acknowledgedInCluster.map(({ id }) => id).filter((id) => !used.has(id))).to.deep.equal([]);
  });
});
