const DAY_MS = 24 * 60 * 60 * 1000;

/** Node options of a process that lives so many days ago: what it writes is as old as that, and so are its ids. */
export function clockBehind(days: number): string[] {
  const script = `
    const Now = Date;
    globalThis.Date = class Date extends Now {
      constructor(...given) {
        if (given.length === 0) super(Date.now());
        else super(...given);
      }
      static now() {
        return Now.now() - ${days * DAY_MS};
      }
    };`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
