/** Prints progress, each line with the seconds since this process began. */
export function progress(text: string): void {
  for (const line of text.split('\n')) console.log(`[${elapsedS().padStart(5)} s] ${line}`);
}

/** Seconds since this process began, with one decimal. */
export function elapsedS(): string {
  return (performance.now() / 1000).toFixed(1);
}
