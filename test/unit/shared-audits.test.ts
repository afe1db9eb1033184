import { expect } from 'chai';
import type { AuditReport } from '../../app/audit/audit-report.ts';
import { createSharedAudits } from '../../app/audit/shared-audits.ts';

describe('audits on demand', () => {
  /**
   * Creates audits that end only when the test ends them, and a clock that moves only when the test moves it.
   */
  const setUp = () => {
    const clock = { ms: 0 };
    const begun: { end: (durationMs: number) => void; fail: () => void; signal: AbortSignal }[] = [];
    const audits = createSharedAudits({
      audit: (mode, signal) =>
        new Promise((resolve, reject) => {
          begun.push({
            signal,
            fail: () => reject(new Error('no')),
            end: (durationMs) => {
              clock.ms += durationMs;
              resolve({ mode, durationMs } as AuditReport);
            },
          });
        }),
      nowMs: () => clock.ms,
    });
    return { clock, begun, audits };
  };

  it('share one report per kind among concurrent callers', async () => {
    const { audits, begun } = setUp();
    const asked = [audits.report('full'), audits.report('full'), audits.report('incremental')];
    expect(begun).to.have.lengthOf(2);
    for (const { end } of begun) end(10);
    const [first, second, third] = await Promise.all(asked);
    expect(first).to.equal(second);
    expect(third?.mode).to.equal('incremental');
  });

  it('reuse a report until its age exceeds the time it took', async () => {
    const { audits, begun, clock } = setUp();
    const asked = audits.report('full');
    begun[0]?.end(100);
    const report = await asked;
    clock.ms += 99;
    expect(await audits.report('full')).to.equal(report);
    clock.ms += 1;
    void audits.report('full');
    expect(begun).to.have.lengthOf(2);
  });

  it('start again after a failed audit', async () => {
    const { audits, begun } = setUp();
    const asked = audits.report('full');
    begun[0]?.fail();
    const error = await asked.catch((reason: unknown) => reason);
    expect(error).to.be.an('error');
    void audits.report('full');
    expect(begun).to.have.lengthOf(2);
  });

  it('are aborted on stop', async () => {
    const { audits, begun } = setUp();
    const asked = audits.report('full');
    const stopped = audits.stop();
    expect(begun[0]?.signal.aborted).to.equal(true);
    begun[0]?.end(1);
    await Promise.all([asked, stopped]);
  });
});
