/** `admin create EMAIL`: makes the first admin of a shop, before anyone can log in as one. */
import { parseArgs } from 'node:util';
import { parseAdminConfig } from '../config/read-config.ts';
import { openDatabase } from '../platform/mysql/database.ts';
import { createLog } from '../platform/observe/log.ts';
import { messagesOf } from '../platform/observe/messages-of.ts';
import { createSecretLogin } from '../platform/aws/secret-login.ts';
import { newUuid } from '../platform/uuid.ts';
import { createAdmin, type CreateAdminResult } from './create-admin.ts';
import { emailSchema, newPasswordSchema } from './credentials.ts';
import { createPasswordHasher } from './password.ts';
import { readNewPassword } from './read-new-password.ts';

const DONE = 0;
const REFUSED = 1;
const FAILED = 2;

const usage = `usage: admin create EMAIL [--take-over]

Creates an admin in the database of DATABASE_URL. The password (8 to 128 characters) is asked for at a terminal, or is the
only line of standard input. An admin who exists is left alone.

  --take-over  Take an account that exists, a customer's or an admin's: it becomes an admin, gets this password in place
               of its own, and its sessions end: an admin's at once, a customer's within 30 s.

Ends with 0 when the admin is there, with 1 when the address belongs to a customer, with 2 when it failed.
`;

const outcomes: Record<CreateAdminResult, { code: number; sentence: (email: string) => string }> = {
  created: { code: DONE, sentence: (email) => `${email} is an admin now.` },
  taken_over: {
    code: DONE,
    sentence: (email) =>
      `${email} is an admin now, with the new password. Sessions from before are void: an admin's at once, a customer's within 30 s.`,
  },
  is_admin: {
    code: DONE,
    sentence: (email) =>
      `${email} is an admin already. Nothing was changed; --take-over sets a new password.`,
  },
  is_customer: {
    code: REFUSED,
    sentence: (email) =>
      `${email} belongs to a customer. Nothing was changed; --take-over makes the account an admin's, with a new password.`,
  },
};

export type AdminCommandProcess = Pick<NodeJS.Process, 'env' | 'stdin' | 'stdout' | 'stderr'>;

/** Runs the command and resolves with the exit code. Prints what it did, and never the password. */
export async function runAdminCommand(
  args: readonly string[],
  { env, stdin, stdout, stderr }: AdminCommandProcess,
): Promise<number> {
  try {
    const request = parseRequest(args);
    if (request === undefined) {
      stdout.write(usage);
      return DONE;
    }
    const config = parseAdminConfig(env);
    const clock = { nowMs: () => Date.now() };
    const database = openDatabase({
      ...clock,
      writerUrl: config.DATABASE_URL,
      readLogin:
        config.DATABASE_SECRET_ID === undefined
          ? undefined
          : createSecretLogin({ region: config.AWS_REGION, secretId: config.DATABASE_SECRET_ID }),
      connectionsMax: 1,
      log: createLog({ level: 'error', role: 'admin', stage: config.STAGE }),
      random: () => Math.random(),
    });
    try {
      const result = await createAdmin(
        {
          nowMs: database.nowMs,
          database,
          newId: newUuid,
          passwords: createPasswordHasher({ ...clock, threadsMax: 1, costLog2: config.PASSWORD_COST_LOG2 }),
        },
        {
          ...request,
          readPassword: async () =>
            checked(newPasswordSchema, await readNewPassword(stdin, stderr, 'Password'), 'the password'),
        },
      );
      const { code, sentence } = outcomes[result];
      stdout.write(`${sentence(request.email)}\n`);
      return code;
    } finally {
      await database.close();
    }
  } catch (error) {
    stderr.write(`admin: ${messagesOf(error).join(': ')}\n`);
    return FAILED;
  }
}

function parseRequest(args: readonly string[]): { email: string; takesOver: boolean } | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'take-over': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [command, email, ...rest] = positionals;
  if (command !== 'create' || email === undefined || rest.length > 0) {
    throw new Error('the command is `create EMAIL`; --help says more');
  }
  return { email: checked(emailSchema, email, 'EMAIL'), takesOver: values['take-over'] };
}

/** The value as its schema has it. Throws with the schema's own words, which never repeat the value. */
function checked(schema: typeof newPasswordSchema, value: string, what: string): string {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`${what} is not usable: ${result.error.issues.map(({ message }) => message).join('; ')}`);
}
