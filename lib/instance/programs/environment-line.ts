/** A line for systemd's EnvironmentFile. Throws for a value of several lines. */
export function lineForSystemd([name, value]: [string, string]): string {
  requireOneLine(name, value);
  return `${name}="${value.replaceAll(/[\\"$`]/g, String.raw`\$&`)}"\n`;
}

/**
 * A line for Node's --env-file, which knows no escapes: a value ends at the quote that it begins with. Throws
 * for a value of several lines, and for one that has every kind of quote.
 */
export function lineForNode([name, value]: [string, string]): string {
  requireOneLine(name, value);
  // Node expands \n between double quotes, so they come last.
  const quote = ["'", '`', '"'].find((candidate) => !value.includes(candidate));
  if (quote === undefined) throw new Error(`${name} has every kind of quote`);
  return `${name}=${quote}${value}${quote}\n`;
}

function requireOneLine(name: string, value: string): void {
  if (/[\n\r]/.test(value)) throw new Error(`${name} has more than one line`);
}
