/** Receives one line of progress, without its line break. */
export type Log = (line: string) => void;
