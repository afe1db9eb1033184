/**
 * Throws an Error that names every option (`-c name=value`) of another name: a deployment would ignore it and
 * undo what it sets. Names with a colon or a slash belong to the CDK and its command line.
 */
export function checkOptionNames(given: readonly string[], known: readonly string[]): void {
  const unknown = given.filter((name) => /^[\w-]+$/.test(name) && !known.includes(name));
  if (unknown.length === 0) return;
  throw new Error(`unknown options (-c name=value): ${unknown.join(', ')}. Known: ${known.join(', ')}`);
}
