import { expect } from 'chai';
import { type ClaimedEvent, claimOutboxEvents, insertOutboxEvents } from '../../../app/events/outbox-sql.ts';
import { relayOnce, relayOutbox } from '../../../app/events/relay-outbox.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import type { EventSender, OutgoingEvent } from '../../../app/platform/event-transport.ts';
import { newUuid } from '../../../app/platform/uuid.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { until } from '../../support/until.ts';

const log = createLog({ level: 'error', role: 'test', stage: 'test' });

/** The limits of the two transports, and calls in flight that only several claims at once can reach. */
const transports = [
  { name: 'SQS', batchMax: 128, sendsInFlightMax: 16, inFlightWanted: 9, events: 3600 },
  { name: 'Kafka', batchMax: 128, sendsInFlightMax: 4, inFlightWanted: 9, events: 3600 },
] as const;

for (const { name, batchMax, sendsInFlightMax, inFlightWanted, events } of transports)
  describe(`the outbox relay on ${name}`, () => {
    let witness: TestDatabase;
    let database: Database;
    before(async () => {
      witness = await createTestDatabase();
      database = openAppDatabase(witness.url, { connectionsMax: 8 });
    });
    after(() => database.close());
    beforeEach(() => witness.clear());

    const write = async (count: number, graceMs = 0): Promise<string[]> => {
      const ids = Array.from({ length: count }, newUuid);
      await database.withTransaction({ name: 'test', rerunnable: false }, (tx) =>
        insertOutboxEvents(
          tx,
          ids.map((eventId) => ({ eventId, type: 'test', payload: `{"id":"${eventId}"}` })),
          graceMs,
        ),
      );
      return ids;
    };

    const relay = (send: EventSender['send'], leaseMs = 30_000) =>
      relayOnce({
        database,
        sender: { batchMax, sendsInFlightMax, send },
        leaseMs,
        pollMs: 10,
        random: Math.random,
        log,
      });

    const acknowledgeAll = (sent: string[]) => async (messages: readonly OutgoingEvent[]) => {
      expect(messages.length).to.be.within(1, batchMax);
      sent.push(...messages.map(({ id }) => id));
      return new Set(messages.map(({ id }) => id));
    };

    const left = () => witness.value('SELECT COUNT(*) FROM outbox');

    it('sends every event once, in full batches, and removes what was acknowledged', async () => {
      const ids = await write(37);
      const sent: string[] = [];
      expect(await relay(acknowledgeAll(sent))).to.deep.equal({ claimed: 37, acknowledged: 37 });
      expect(sent.toSorted()).to.deep.equal(ids.toSorted());
      expect(await left()).to.equal(0);
    });

    it('sends the payload unchanged', async () => {
      const [id] = await write(1);
      const bodies: string[] = [];
      await relay(async (messages) => {
        bodies.push(...messages.map(({ body }) => body));
        return new Set(messages.map((message) => message.id));
      });
      expect(bodies).to.deep.equal([`{"id":"${id}"}`]);
    });

    it('keeps unacknowledged events and sends them again later', async () => {
      const ids = await write(20);
      const refused = new Set(ids.slice(0, 3));
      const first = await relay(
        async (messages) => new Set(messages.map(({ id }) => id).filter((id) => !refused.has(id))),
      );
      expect(first).to.deep.equal({ claimed: 20, acknowledged: 17 });
      expect(await left()).to.equal(3);
      const sent: string[] = [];
      await until('the refused events', async () => {
        await relay(acknowledgeAll(sent));
        return (await left()) === 0;
      });
      expect(new Set(sent)).to.deep.equal(refused);
    });

    it('loses nothing while the queue is down and backs off', async () => {
      await write(5);
      const down = await relay(async () => {
        throw new Error('no queue');
      });
      expect(down).to.deep.equal({ claimed: 5, acknowledged: 0 });
      // Nothing is claimed at once: the rows wait before they are offered again.
      expect(await relay(acknowledgeAll([]))).to.deep.equal({ claimed: 0, acknowledged: 0 });
      const [row] = await witness.read<{ attempts: number }>('SELECT MIN(attempts) AS attempts FROM outbox');
      expect(row?.attempts).to.equal(1);
      const sent: string[] = [];
      await until('all five events are received', async () => {
        await relay(acknowledgeAll(sent));
        return sent.length === 5;
      });
    });

    it('skips events within the grace period of the process that wrote them', async () => {
      await write(3, 60_000);
      expect(await relay(acknowledgeAll([]))).to.deep.equal({ claimed: 0, acknowledged: 0 });
    });

    it('gives each event to one of several concurrent relays', async () => {
      const ids = await write(60);
      const claim = () =>
        database.withTransaction({ name: 'test', rerunnable: false }, (tx) =>
          claimOutboxEvents(tx, { limit: 20, leaseMs: 30_000 }),
        );
      const claims: ClaimedEvent[][] = [];
      for (let round = 0; round < 3; round += 1)
        claims.push(...(await Promise.all([claim(), claim(), claim()])));
      const claimed = claims.flat().map(({ eventId }) => eventId);
      expect(claimed.toSorted()).to.deep.equal(ids.toSorted());
    });

    it('takes over events of a dead relay once its lease has expired', async () => {
      const [id] = await write(1);
      const dead = await database.withTransaction({ name: 'test', rerunnable: false }, (tx) =>
        claimOutboxEvents(tx, { limit: 10, leaseMs: 300 }),
      );
      expect(dead.map(({ eventId }) => eventId)).to.deep.equal([id]);
      const sent: string[] = [];
      await until('the lease has run out', async () => {
        await relay(acknowledgeAll(sent));
        return sent.length > 0;
      });
      expect(sent).to.deep.equal([id]);
    });

    it('works off a backlog with several claims at once', async () => {
      const ids = await write(events);
      const sent: string[] = [];
      let calls = 0;
      let inFlight = 0;
      let inFlightMax = 0;
      const callsPerClaim = Math.min(768, 2 * batchMax * sendsInFlightMax) / batchMax;
      const stopping = new AbortController();
      const running = relayOutbox(
        {
          database,
          leaseMs: 30_000,
          pollMs: 10,
          random: Math.random,
          log,
          sender: {
            batchMax,
            sendsInFlightMax,
            send: async (messages) => {
              calls += 1;
              inFlight += 1;
              inFlightMax = Math.max(inFlightMax, inFlight);
              // The first claim shows that there is a backlog. After it, no call is answered before more are
              // waiting than one claim has.
              const isFirstClaim = calls <= callsPerClaim;
              await until('calls of several claims', () => isFirstClaim || inFlightMax >= inFlightWanted);
              inFlight -= 1;
              sent.push(...messages.map(({ id }) => id));
              return new Set(messages.map(({ id }) => id));
            },
          },
        },
        stopping.signal,
      );
      try {
        await until('an empty outbox', async () => (await left()) === 0);
      } finally {
        stopping.abort();
        await running;
      }
      expect(sent.toSorted()).to.deep.equal(ids.toSorted());
    });

    it('removes an event only after its acknowledgement', async () => {
      await write(1);
      let rowsDuringSend = -1;
      await relay(async (messages) => {
        rowsDuringSend = await left();
        return new Set(messages.map(({ id }) => id));
      });
      expect(rowsDuringSend).to.equal(1);
      expect(await left()).to.equal(0);
    });
  });
