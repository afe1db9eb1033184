/**
 * A keyset cursor: the sort values of the last row of a page, as base64url of JSON. It carries nothing that
 * the client has not seen and is checked like any other input.
 */
export function encodeCursor(values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values of a cursor whose types match `shape`, or undefined when it is not one that we made. */
export function decodeCursor(
  cursor: string,
  shape: readonly ('string' | 'number')[],
): (string | number)[] | undefined {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(values) || values.length !== shape.length) return undefined;
    // 1e999 is valid JSON and becomes Infinity.
    const isSortValue = (value: unknown) => typeof value === 'string' || Number.isFinite(value);
    return values.every((value, index) => typeof value === shape[index] && isSortValue(value))
      ? (values as (string | number)[])
      : undefined;
  } catch {
    return undefined;
  }
}
