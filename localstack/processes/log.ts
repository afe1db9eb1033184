/** Takes one line of progress, without its line end. */
export type Log = (line: string) => void;
