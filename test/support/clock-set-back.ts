const DAY_MS = 24 * 60 * 60 * 1000;

/** Node options of a process whose clock is set back by a day each time that it gets SIGUSR2. */
export function clockSetBack(): string[] {
  const script = `
    const now = Date.now;
    let behindMs = 0;
    Date.now = () => now() - behindMs;
    process.on('SIGUSR2', () => { behindMs += ${DAY_MS}; });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
