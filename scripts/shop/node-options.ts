/**
 * Node options of every role; the units in lib/instance repeat them.
 *
 * Node 24 lets each half of the young generation grow to 64 MB. A collection then stops the process for 20 to
 * 50 ms once thousands of requests per second leave garbage, and every request feels it. At 16 MB, the limit
 * of earlier versions, a collection takes 3 to 7 ms. With ten times the orders that a lane can take, the p99
 * of a rejected order is 19 to 38 ms instead of 48 to 204, and an order costs the same (461 and 454 µs of
 * process time in seven interleaved pairs). 4 MB is too little: p99 102 to 106 ms.
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=16'];
