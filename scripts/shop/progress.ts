/** Prints one line of progress with the seconds since this process began. */
export function progress(line: string): void {
  console.log(`[${elapsedS().padStart(5)} s] ${line}`);
}

/** Seconds since this process began, with one decimal. */
export function elapsedS(): string {
  return (performance.now() / 1000).toFixed(1);
}
