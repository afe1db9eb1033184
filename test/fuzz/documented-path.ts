/** Replaces the parameters in a documented path, such as `/orders/{orderId}`, with segments. */
export function documentedPath(path: string, segmentOf: (name: string) => string): string {
  return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => segmentOf(name));
}
