/**
 * Loaded into a process of the app with `--expose-gc --import`: on SIGUSR2 it collects garbage and writes a
 * log line `heap` with the remaining size. No part of this is in the app.
 */
process.on('SIGUSR2', () => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(
    `${JSON.stringify({ level: 'info', event: 'heap', usedMb: (heapUsed + external) / 2 ** 20 })}\n`,
  );
});
