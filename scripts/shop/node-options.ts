/**
 * How Node is started for each role, before the program's name; the units in lib/instance say the same.
 *
 * Node 24 lets a half of the young generation grow to 64 MB. A collection of it then stops the process for 20 to 50 ms as
 * soon as thousands of requests a second leave something behind, which every request feels. At 16 MB, the limit of earlier
 * versions, it takes 3 to 7 ms: with ten times the orders that a lane can take, the p99 of a refusal is 19 to 38 ms and not
 * 48 to 204, and an order costs the same (461 and 454 µs of the process in seven interleaved pairs). 4 MB is too little:
 * 102 to 106 ms.
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=16'];
