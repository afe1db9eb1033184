const DAY_MS = 24 * 60 * 60 * 1000;

/** Node options of a process that sets its clock back by a day at each SIGUSR2. */
export function clockSetBack(): string[] {
  const script = `
    const Now = Date;
    let behindMs = 0;
    globalThis.Date = class Date extends Now {
      constructor(...given) {
        if (given.length === 0) super(Date.now());
        else super(...given);
      }
      static now() {
        return Now.now() - behindMs;
      }
    };
    process.on('SIGUSR2', () => { behindMs += ${DAY_MS}; });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
