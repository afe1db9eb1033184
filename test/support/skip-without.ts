/**
 * Skips, in a before hook, the tests of its `describe` because something is unavailable on this machine. The
 * reason goes into their titles, where scripts/test finds it and counts them as skipped. This is the only way
 * to skip tests.
 */
export function skipWithout(what: string, hook: Mocha.Context): never {
  const suite = hook.test?.parent;
  // A bracket would end the reason.
  if (suite !== undefined) suite.title += ` (needs ${what.replaceAll(/[()]/g, '')})`;
  return hook.skip();
}
