import { setTimeout as delay } from 'node:timers/promises';
import { type HttpConnection, openHttpConnection } from './http-connection.ts';
import { introduceBuyers } from './introduce-buyers.ts';
import type { LoadJob, LoadResult, OpenLoop } from './load-job.ts';
import { type LoadTally, loadTally } from './load-tally.ts';
import { requestSource } from './request-source.ts';

/** Maximum wait for outstanding responses at the end. */
const LAST_ANSWERS_MS = 15_000;
const POLL_MS = 5;
/** Limit of reconnections: a server that closes every connection means a failed run. */
const RECONNECTS_MAX = 1000;
const PACE_TICK_MS = 1;

/**
 * Sends the load that the job describes and counts the responses. Runs in a separate process, see
 * run-load.ts.
 *
 * Cost per order request with a response of 0.6 KB, on two cores of a virtual AMD EPYC: 37 µs of CPU, where
 * wrk spent 30 µs on a shorter GET. Both spend nearly all of it in system calls.
 */
export async function driveLoad(
  job: LoadJob,
  onPhase: (phase: LoadPhase) => void = () => undefined,
): Promise<LoadResult> {
  if (job.requests.kind === 'orders' && job.requests.introduce === true) {
    await introduceBuyers(job.urls, job.requests.tokens);
  }
  const hosts = job.urls.map((url) => new URL(url));
  const next = requestSource(job, hosts[0]?.host ?? '');
  const startMs = performance.now();
  const tally = loadTally(startMs);
  const { pace } = job;
  const line = pace.kind === 'open' ? openLine(pace, tally) : closedLine();
  const slots: Slot[] = Array.from({ length: job.connections }, () => ({
    connection: undefined,
    intendedMs: 0,
  }));
  let reconnects = 0;

  const give = (slot: Slot): void => {
    if (slot.connection === undefined) return;
    const intendedMs = line.next();
    if (intendedMs === undefined) {
      line.idle(slot);
      return;
    }
    slot.intendedMs = intendedMs;
    slot.connection.send(next());
  };
  const open = async (slot: Slot, index: number): Promise<void> => {
    const { hostname, port } = hosts[index % hosts.length] as URL;
    slot.connection = await openHttpConnection({
      host: hostname,
      port: Number(port),
      onAnswer: (status, bytes) => {
        const nowMs = performance.now();
        tally.answer(status, bytes, nowMs - slot.intendedMs, nowMs);
        give(slot);
      },
      onEnd: (reason, wasBusy) => {
        tally.connectionEnd(reason, wasBusy);
        slot.connection = undefined;
        reconnects += 1;
        if (!line.hasEnded() && reconnects <= RECONNECTS_MAX) {
          open(slot, index).then(
            () => give(slot),
            (error: unknown) => tally.connectionEnd(String(error), false),
          );
        }
      },
    });
  };

  await Promise.all(slots.map(open));
  for (const slot of slots) give(slot);
  line.start(give);
  await delay(job.warmUpMs);
  tally.beginMeasuring(performance.now());
  onPhase('measuring');
  await delay(job.durationMs);
  tally.endMeasuring(performance.now());
  onPhase('measured');
  line.end();
  await lastAnswers(slots, tally);
  return tally.result();
}

/** Start and end of the measured time. */
export type LoadPhase = 'measuring' | 'measured';

interface Slot {
  connection: HttpConnection | undefined;
  /** When the request in progress was intended to be sent. */
  intendedMs: number;
}

/** Decides when a free connection sends a request. */
interface Line {
  /** Returns the intended time of the next request, or undefined if none is due. */
  next(): number | undefined;
  /** Called when the connection is free and no request is due. */
  idle(slot: Slot): void;
  start(give: (slot: Slot) => void): void;
  end(): void;
  hasEnded(): boolean;
}

function closedLine(): Line {
  let hasEnded = false;
  return {
    next: () => (hasEnded ? undefined : performance.now()),
    idle: () => undefined,
    start: () => undefined,
    end: () => {
      hasEnded = true;
    },
    hasEnded: () => hasEnded,
  };
}

function openLine({ ratePerS, waitingMax }: OpenLoop, tally: LoadTally): Line {
  const waiting: number[] = [];
  const idle: Slot[] = [];
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  return {
    next: () => waiting.shift(),
    idle: (slot) => {
      idle.push(slot);
    },
    start(give) {
      const startMs = performance.now();
      let due = 0;
      timer = setInterval(() => {
        const dueNow = Math.floor(((performance.now() - startMs) * ratePerS) / 1000);
        for (; due < dueNow; due += 1) {
          if (waiting.length >= waitingMax) tally.unsent();
          else waiting.push(startMs + (due * 1000) / ratePerS);
        }
        while (waiting.length > 0 && idle.length > 0) give(idle.shift() as Slot);
      }, PACE_TICK_MS);
    },
    end() {
      hasEnded = true;
      clearInterval(timer);
      // Requests of the measured time that never got a connection count as late.
      tally.lost(waiting.length);
      waiting.length = 0;
    },
    hasEnded: () => hasEnded,
  };
}

async function lastAnswers(slots: readonly Slot[], tally: LoadTally): Promise<void> {
  const untilMs = performance.now() + LAST_ANSWERS_MS;
  const busy = () => slots.filter(({ connection }) => connection?.isBusy === true).length;
  while (busy() > 0 && performance.now() < untilMs) await delay(POLL_MS);
  tally.lost(busy());
  for (const { connection } of slots) connection?.close();
}
