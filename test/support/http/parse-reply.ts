export interface RawReply {
  readonly status: number;
  /** Names in lower case; if a name occurs twice, the last value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Statuses that never have a body. */
const BODILESS = new Set([204, 304]);

/**
 * The first whole reply in what has been received, and its size; undefined while it is not all there. Interim
 * replies (1xx) are passed over and counted in the size.
 *
 * @param isComplete nothing more will come: a reply without a length ends here
 * @param isHead the reply to HEAD, which has a length and no body
 */
export function parseReply(
  bytes: Buffer,
  isComplete: boolean,
  isHead = false,
): { reply: RawReply; size: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const bodyStart = headEnd + 4;
  if (status >= 100 && status < 200) {
    const next = parseReply(bytes.subarray(bodyStart), isComplete, isHead);
    return next && { reply: next.reply, size: bodyStart + next.size };
  }
  const hasBody = !BODILESS.has(status) && !isHead;
  const length = headers.get('content-length');
  if (length === undefined && hasBody && !isComplete) return undefined;
  const bodyEnd = !hasBody ? bodyStart : length === undefined ? bytes.length : bodyStart + Number(length);
  if (bytes.length < bodyEnd) return undefined;
  return {
    reply: { status, headers, text: bytes.subarray(bodyStart, bodyEnd).toString('utf8') },
    size: bodyEnd,
  };
}
