import { lstat, mkdir } from 'node:fs/promises';

/**
 * Makes the directory unless it exists. Throws unless it belongs to this process's user and only that user
 * may enter it: a process that reaches a socket in it can place orders for any customer, and one that can
 * create a socket there receives the orders of all.
 */
export async function privateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const { mode, uid } = await lstat(path).then((found) => {
    if (!found.isDirectory()) throw new Error(`${path} is no directory`);
    return found;
  });
  if (uid !== process.getuid?.()) throw new Error(`${path} belongs to another user`);
  if ((mode & 0o077) !== 0) throw new Error(`${path} must have mode 0700: others may enter it`);
}
