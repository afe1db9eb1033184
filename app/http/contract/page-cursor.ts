/**
 * A keyset cursor: the sort values of a page's last row, as base64url of JSON. Contains nothing that the
 * client has not seen, and is validated like any other input.
 */
export function encodeCursor(values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values of a cursor whose types match `shape`; undefined for any other text. */
export function decodeCursor(
  cursor: string,
  shape: readonly ('string' | 'number')[],
): (string | number)[] | undefined {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(values) || values.length !== shape.length) return undefined;
    // 1e999 is valid JSON and parses to Infinity.
    const isSortValue = (value: unknown) => typeof value === 'string' || Number.isFinite(value);
    return values.every((value, index) => typeof value === shape[index] && isSortValue(value))
      ? (values as (string | number)[])
      : undefined;
  } catch {
    return undefined;
  }
}
