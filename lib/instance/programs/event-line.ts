/** Writes one JSON object per line to stdout, in the format of the app's own log. */
export function eventLine(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const reason = fields['error'];
  const readable =
    reason instanceof Error ? { ...fields, error: `${reason.name}: ${reason.message}` } : fields;
  process.stdout.write(`${JSON.stringify({ ts: new Date().toISOString(), event, ...readable })}\n`);
}
