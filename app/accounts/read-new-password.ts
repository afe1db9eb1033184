import type { ReadStream, WriteStream } from 'node:tty';

/** Above 128 four-byte characters and a line end, so that longer passwords get a clear message. */
const INPUT_MAX_BYTES = 4096;

const CONTROL_C = '\u0003';
const CONTROL_D = '\u0004';
const BACKSPACES: ReadonlySet<string> = new Set(['\u0008', '\u007f']);

/**
 * Reads a new password: typed twice at a terminal without echo, or the only line of a pipe or file. It is
 * never an argument or a variable: other programs, shell histories and logs can see those. Throws an Error
 * whose message is for the operator.
 */
export async function readNewPassword(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  prompt: string,
): Promise<string> {
  if (!input.isTTY) return readOnlyLine(input);
  const password = await readHidden(input, output, `${prompt}: `);
  if ((await readHidden(input, output, `${prompt} again: `)) === password) return password;
  throw new Error('the two passwords are not the same');
}

async function readOnlyLine(input: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > INPUT_MAX_BYTES) throw new Error(`the input is longer than ${INPUT_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const line = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (line === '') throw new Error('no password was given; type it at a terminal or pipe it in as one line');
  if (/[\r\n]/.test(line)) throw new Error('the password must be one line');
  return line;
}

/** Reads one line of a terminal without echo. */
function readHidden(input: ReadStream, output: WriteStream, prompt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const onEnd = () => finish(() => reject(new Error('the input ended before the password')));
    const finish = (settle: () => void): void => {
      input.off('data', onData).off('end', onEnd);
      input.setRawMode(false);
      input.pause();
      output.write('\n');
      settle();
    };
    const onData = (text: string): void => {
      const characters = Array.from(text);
      for (const [index, character] of characters.entries()) {
        if (character === '\r' || character === '\n') {
          const rest = characters.slice(index + 1).join('');
          finish(() => resolve(typed.join('')));
          // Input beyond the line belongs to the next question.
          if (rest !== '') input.unshift(rest, 'utf8');
          return;
        }
        if (character === CONTROL_C || character === CONTROL_D) {
          finish(() => reject(new Error('interrupted')));
          return;
        }
        if (BACKSPACES.has(character)) typed = typed.slice(0, -1);
        else typed.push(character);
      }
    };
    // Raw mode starts before the prompt: otherwise the terminal would echo the first characters typed.
    input.setRawMode(true);
    output.write(prompt);
    input.setEncoding('utf8').on('data', onData).on('end', onEnd).resume();
  });
}
