import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openInstanceFleet } from '../../scripts/rehearse/instance-fleet.ts';
import { rehearseRelease } from '../../scripts/rehearse/rehearse-release.ts';
import { inFormat1, layOutRelease } from '../../scripts/rehearse/release.ts';
import { onCleanup } from '../support/cleanup.ts';
import { useTestShop } from '../support/shop/test-shop.ts';

const top = join(import.meta.dirname, '../..');

/** Releases before event format 2 could read neither its events nor its batches. */
const readsNoFormat2 = {
  file: 'app/events/order-event.ts',
  find: '[...format2, ...format1]',
  replace: '[...format1]',
};
const readsNoBatches = {
  file: 'app/statistics/read-message.ts',
  find: 'if (!Array.isArray(content)) return',
  replace: 'if (!Array.isArray(content) || content.length > 0) return',
};

// Short form of `npm run rehearse`.
describe('a release that is rolled out and rolled back under load', () => {
  const shop = useTestShop();

  it('fails no request from N to N+1 with a migration and back, on two instances', async function () {
    // Two releases are started and stopped several times, one process after another.
    this.timeout(600_000);
    const dir = mkdtempSync(join(tmpdir(), 'rowlock-rehearsal-'));
    onCleanup(() => rmSync(dir, { recursive: true, force: true }));
    const columns = () =>
      shop.database.value(
        `SELECT COUNT(*) FROM information_schema.columns
         WHERE table_schema = ? AND table_name = 'orders' AND column_name = 'rehearsal'`,
        [shop.database.name],
      );
    expect(await columns()).to.equal(0);
    // Messages that a consumer held when it was stopped become visible again after this many seconds.
    await shop.events.redeliverSoon();

    const before = inFormat1(
      await layOutRelease({ name: 'N', top, dir: join(dir, 'n'), edits: [readsNoBatches, readsNoFormat2] }),
    );
    const after = await layOutRelease({ name: 'N+1', top, dir: join(dir, 'n-plus-1'), expands: true });
    const { load, served, audit, unreadable } = await rehearseRelease({
      releases: [before, inFormat1(after), after, inFormat1(after), before],
      env: shop.env,
      dir: join(dir, 'logs'),
      shoppers: 6,
      pauseMs: 50,
      healthEveryMs: 100,
      requestsBetween: 100,
      log: () => {},
      openFleet: async (options) => openInstanceFleet(options),
    });

    expect(load.failures).to.deep.equal([]);
    expect(served.map(({ release }) => release)).to.deep.equal([
      'N in format 1',
      'N+1 in format 1',
      'N+1',
      'N+1 in format 1',
      'N in format 1',
    ]);
    expect(unreadable, 'events that a consumer of N could not read').to.equal(0);
    for (const { release, requests } of served) expect(requests, release).to.be.at.least(100);
    expect(await columns(), 'the column of N+1, on which N runs at the end').to.equal(1);
    expect(audit.isClean, JSON.stringify(audit.breaks)).to.equal(true);
    expect(await shop.database.value('SELECT COUNT(*) FROM orders')).to.equal(load.orders);
  });
});
