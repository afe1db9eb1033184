/**
 * In a before hook: skips the tests of its `describe` because something cannot be had on this machine. The
 * reason goes into their titles, where scripts/test looks for it and counts them as skipped. There is no
 * other way.
 */
export function skipWithout(what: string, hook: Mocha.Context): never {
  const suite = hook.test?.parent;
  // A bracket would end the reason.
  if (suite !== undefined) suite.title += ` (needs ${what.replaceAll(/[()]/g, '')})`;
  return hook.skip();
}
