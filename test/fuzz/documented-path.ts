/** A path of the document, such as `/orders/{orderId}`, with segments in the place of its parameters. */
export function documentedPath(path: string, segmentOf: (name: string) => string): string {
  return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => segmentOf(name));
}
