/** Node options of a process that blocks its event loop for this long at each SIGUSR2. */
export function blockingOnSignal(blockMs: number): string[] {
  const script = `
    process.on('SIGUSR2', () => {
      console.log('blocked');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${blockMs});
    });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
