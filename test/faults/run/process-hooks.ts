/**
 * Loaded into each process of the app with `--import`: lets a fault set the clock and block the event loop,
 * which is impossible from outside. Orders are in the file FAULT_ORDERS_FILE, read at the start and on
 * SIGUSR2. A process restarted on the same machine thus keeps the same wrong clock.
 */
import { readFileSync } from 'node:fs';

interface Orders {
  /** Offset of the process's clock from the real time. */
  readonly clockOffsetMs: number;
  /** Blocks the event loop for this long, once. */
  readonly blockMs: number;
}

const Now = Date;
let clockOffsetMs = 0;

globalThis.Date = class Date extends Now {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(Now.now() + clockOffsetMs);
    else super(...(given as []));
  }
  static override now(): number {
    return Now.now() + clockOffsetMs;
  }
} as DateConstructor;

function readOrders(): Orders {
  try {
    return JSON.parse(readFileSync(process.env.FAULT_ORDERS_FILE || '', 'utf8')) as Orders;
  } catch {
    // No orders yet.
    return { clockOffsetMs, blockMs: 0 };
  }
}

clockOffsetMs = readOrders().clockOffsetMs;
process.on('SIGUSR2', () => {
  const orders = readOrders();
  clockOffsetMs = orders.clockOffsetMs;
  if (orders.blockMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, orders.blockMs);
});
