import { pause } from '../../../app/platform/load/pause.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { until } from '../../support/until.ts';
import type { FaultWorld } from './fault.ts';
import { type ApiName, apiNames } from './fault-fleet.ts';
import { processNames } from './fault-links.ts';
import type { PictureUploads } from './picture-uploads.ts';
import type { DirectQueue } from './run-queue.ts';
import { isKeyed, isOpen, type Operation } from './operation.ts';

const READY_TIMEOUT_MS = 10_000;
const RETRY_TIMEOUT_MS = 12_000;
const DRAINED_TIMEOUT_MS = 15_000;
/** A killed consumer keeps its partitions until its session has timed out, on a busy machine no longer. */
const KAFKA_SESSION_MS = 10_000;
const RETRIES_AT_ONCE = 6;
const RETRY_PATIENCE_MS = 9000;
const RETRY_PAUSE_MS = 60;
/**
 * Acknowledged operations that are requested again, spread over the run: each must get its original answer.
 */
const REPLAYS = 50;
const CLIENT = 1000;

export type Address = (name: ApiName) => string;

/**
 * Makes everything work again: servers and processes run, and no link is broken. Complains of what does not
 * recover.
 */
export async function healWorld(world: FaultWorld): Promise<void> {
  world.awsFront.trouble('sqs', undefined);
  world.awsFront.trouble('s3', undefined);
  await world.links.heal();
  world.kafka?.thaw();
  await Promise.all((world.kafka?.brokers ?? []).map((broker) => broker.start()));
  for (const server of Object.values(world.servers)) {
    server.thaw();
    if (server.isRunning) continue;
    // Every fault has ended and has repaired what it broke.
    world.complain(`${server.name} exited unexpectedly`);
    await server.start();
  }
  await Promise.all(
    processNames.map(async (name) => {
      const member = world.fleet[name];
      member.thaw();
      await member.front?.pass();
      member.front?.watchClient(undefined);
      await member.start();
    }),
  );
  for (const name of apiNames) {
    const isReady = async () => (await fetch(`${world.fleet[name].app.url}/readyz`)).ok;
    await until(`${name} is ready again`, isReady, { timeoutMs: READY_TIMEOUT_MS });
  }
}

/** Repeats every operation whose outcome is unknown until it is known, and some whose outcome is known. */
export async function retryUnknown(world: FaultWorld, addressOf: Address): Promise<void> {
  const { operations } = world;
  const open = operations.all.filter(isOpen);
  const told = operations.all.filter(({ outcome, kind }) => outcome?.type === 'ok' && isKeyed(kind));
  const step = Math.max(1, Math.floor(told.length / REPLAYS));
  const replayed = told.filter((_, index) => index % step === 0);
  // Each definite answer extends the deadline: a slow machine gets time, a shop that answers nothing does
  // not.
  let deadlineMs = performance.now() + onThisMachine(RETRY_TIMEOUT_MS);
  const waiting = [...open, ...replayed];
  const insist = async (operation: Operation, place: number): Promise<void> => {
    for (let turn = place; performance.now() < deadlineMs; turn += 1) {
      const url = addressOf(apiNames[turn % apiNames.length] as ApiName);
      const outcome = await operations.attempt(operation, {
        url,
        client: CLIENT,
        timeoutMs: RETRY_PATIENCE_MS,
      });
      if (outcome.type === 'fail' && outcome.code === 'unauthenticated')
        await world.shop.logIn(operation.shopper).catch(() => undefined);
      else if (outcome.type !== 'unknown') {
        deadlineMs = performance.now() + onThisMachine(RETRY_TIMEOUT_MS);
        return;
      }
      await pause(RETRY_PAUSE_MS, new AbortController().signal);
    }
    const { kind, key } = operation;
    world.complain(`${kind} ${key} has no definite answer although nothing is broken any more`);
  };
  await Promise.all(
    Array.from({ length: RETRIES_AT_ONCE }, async (_, place) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await insist(next, place);
    }),
  );
}

/** Resolves when every event has been counted and all queues are empty. */
export async function untilDrained(
  world: FaultWorld,
  queue: DirectQueue,
  pictures: Pick<PictureUploads, 'unseen'>,
): Promise<void> {
  let seen = '';
  const isDrained = async () => {
    const [row] = await world.database.read<Record<'outbox' | 'uncounted', number>>(
      `SELECT (SELECT COUNT(*) FROM outbox) AS outbox,
         (SELECT COUNT(*) FROM orders) + (SELECT COUNT(*) FROM orders WHERE status = 'CANCELLED')
           - (SELECT COUNT(*) FROM processed_events) AS uncounted`,
    );
    const poisons = queue.poisons.length - (await queue.redrive());
    const messages = await queue.messageCount();
    const unseenPictures = await pictures.unseen(world.database);
    seen = JSON.stringify({ ...row, messages, poisonsNotInDeadLetterQueue: poisons, unseenPictures });
    return [row?.outbox, messages, poisons, unseenPictures].every((count) => count === 0) && !isBehind(row);
  };
  const isBehind = (row: { uncounted: number } | undefined) => row === undefined || row.uncounted > 0;
  const sessionMs = world.kafka === undefined ? 0 : KAFKA_SESSION_MS;
  // until() adapts it to the machine.
  const options = { timeoutMs: DRAINED_TIMEOUT_MS + sessionMs, intervalMs: 50 };
  await until('everything is drained', isDrained, options).catch(() =>
    world.complain(`not drained in ${options.timeoutMs / 1000} s of this machine: ${seen}`),
  );
}
