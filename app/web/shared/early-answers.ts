declare global {
  var rowlockEarly: Map<string, Promise<Response>> | undefined;
}

/** Answers that a script of its own requested while the main script loaded, by their address. */
export const earlyAnswers = (globalThis.rowlockEarly ??= new Map<string, Promise<Response>>());

/** An answer, once: the same question asked later needs a new one. */
export function takeEarly(address: string): Promise<Response> | undefined {
  const answer = earlyAnswers.get(address);
  earlyAnswers.delete(address);
  return answer;
}
