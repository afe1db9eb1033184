/**
 * `admin create EMAIL` and `admin invite EMAIL`: make the first admin of a shop, before anyone can log in as
 * one.
 */
import { parseArgs } from 'node:util';
import { parseAdminConfig } from '../config/read-config.ts';
import { type AdminRole, adminRoles } from '../http/contract/admin-role.ts';
import { inviteOperator } from '../operators/invite-operator.ts';
import { openDatabase } from '../platform/mysql/database.ts';
import { createLog } from '../platform/observe/log.ts';
import { messagesOf } from '../platform/observe/messages-of.ts';
import { createSecretLogin } from '../platform/aws/secret-login.ts';
import { newUuid } from '../platform/uuid.ts';
import { createAdmin, type CreateAdminResult } from './create-admin.ts';
import { emailSchema, newPasswordSchema } from './credentials.ts';
import { createPasswordHasher } from './password.ts';
import { readNewPassword } from './read-new-password.ts';

/** Who acts, in the trail of admin actions. */
const COMMAND = { adminId: undefined, requestId: 'admin-command' } as const;

const DONE = 0;
const REFUSED = 1;
const FAILED = 2;

const usage = `usage: admin create EMAIL [--role ROLE] [--take-over]
       admin invite EMAIL [--role ROLE] [--shop ADDRESS]

create makes an admin in the database of DATABASE_URL. It prompts for the password (8 to 128 characters) at a
terminal, or reads it as the only line of standard input. An existing admin is left unchanged.

invite prints a link with which a person makes the address's account an admin's and sets its password, once
and within four days. Give it to that person only, by a way that you trust.

  --role       owner (the default), operator or viewer.
  --shop       The shop's address, such as https://shop.example.com, which the link begins with.
  --take-over  Take over an existing account, a customer's or an admin's. It becomes an admin and gets this
               password. Its sessions end: an admin's at once, a customer's within 30 s.

Exit status: 0 if the admin exists now, 1 if the address belongs to a customer, 2 if the command failed.
`;

const outcomes: Record<CreateAdminResult['code'], { exitCode: number; sentence: (email: string) => string }> =
  {
    created: { exitCode: DONE, sentence: (email) => `${email} is an admin now.` },
    taken_over: {
      exitCode: DONE,
      sentence: (email) =>
        `${email} is an admin now, with the new password. ` +
        "Earlier sessions end: an admin's at once, a customer's within 30 s.",
    },
    is_admin: {
      exitCode: DONE,
      sentence: (email) =>
        `${email} is an admin already. Nothing was changed; --take-over sets a new password.`,
    },
    is_customer: {
      exitCode: REFUSED,
      sentence: (email) =>
        `${email} belongs to a customer. Nothing was changed; ` +
        `--take-over makes the account an admin's, with a new password.`,
    },
  };

export type AdminCommandProcess = Pick<NodeJS.Process, 'env' | 'stdin' | 'stdout' | 'stderr'>;

/** Runs the command and resolves with the exit code. Prints the outcome, never the password. */
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
    const steadyMs = () => Math.floor(performance.now());
    const database = openDatabase({
      nowMs: () => Date.now(),
      steadyMs,
      writerUrl: config.DATABASE_URL,
      readLogin: createSecretLogin(config),
      connectionsMax: 1,
      log: createLog({ level: 'error', role: 'admin', stage: config.STAGE }),
      random: () => Math.random(),
    });
    const { nowMs } = database;
    try {
      if (request.command === 'invite') return await invite({ database, nowMs }, request, stdout);
      const passwords = createPasswordHasher({
        nowMs: steadyMs,
        threadsMax: 1,
        cost: config.PASSWORD_HASHING,
      });
      const readPassword = async () =>
        checked(newPasswordSchema, await readNewPassword(stdin, stderr, 'Password'), 'the password');
      const result = await createAdmin(
        { nowMs, database, newId: newUuid, passwords },
        { ...request, actor: COMMAND, readPassword },
      );
      const { exitCode, sentence } = outcomes[result.code];
      stdout.write(`${sentence(request.email)}\n`);
      return exitCode;
    } finally {
      await database.close();
    }
  } catch (error) {
    stderr.write(`admin: ${messagesOf(error).join(': ')}\n`);
    return FAILED;
  }
}

/**
 * Prints the link to the console's page, which nothing can show again. The token stands behind the `#`, so
 * that no log of requests has it.
 */
async function invite(
  dependencies: Parameters<typeof inviteOperator>[0],
  { email, adminRole: role, shopUrl }: Request,
  stdout: NodeJS.WriteStream,
): Promise<number> {
  const result = await inviteOperator(dependencies, { email, role, actor: COMMAND });
  if (result.code !== 'invited') {
    stdout.write(`${email} is an admin already. Nothing was changed.\n`);
    return DONE;
  }
  const until = result.invitation.expiresAt.toISOString();
  stdout.write(
    `${email} is invited to become ${role} until ${until}. This link accepts the invitation, once:\n` +
      `${shopUrl}/console/join#${result.token}\n` +
      (shopUrl === '' ? "Put the shop's address before it.\n" : ''),
  );
  return DONE;
}

interface Request {
  readonly command: 'create' | 'invite';
  readonly email: string;
  readonly adminRole: AdminRole;
  readonly takesOver: boolean;
  /** Without a slash at its end; empty if it was not given. */
  readonly shopUrl: string;
}

function parseRequest(args: readonly string[]): Request | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      role: { type: 'string', default: 'owner' },
      'take-over': { type: 'boolean', default: false },
      shop: { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [command, email, ...rest] = positionals;
  if ((command !== 'create' && command !== 'invite') || email === undefined || rest.length > 0) {
    throw new Error('the commands are `create EMAIL` and `invite EMAIL`; see --help');
  }
  if (command === 'invite' && values['take-over']) {
    throw new Error('--take-over belongs to `create`: an accepted invitation takes an account over anyway');
  }
  const adminRole = adminRoles.find((role) => role === values.role);
  if (adminRole === undefined) throw new Error(`--role must be one of ${adminRoles.join(', ')}`);
  const takesOver = values['take-over'];
  const shopUrl = values.shop.replace(/\/+$/, '');
  if (shopUrl !== '' && !/^https?:\/\/[^/]/.test(shopUrl))
    throw new Error('--shop must be an http(s) address');
  return { command, email: checked(emailSchema, email, 'EMAIL'), adminRole, takesOver, shopUrl };
}

/** Returns the parsed value. Throws with the schema's own messages, which never repeat the value. */
function checked(schema: typeof newPasswordSchema, value: string, what: string): string {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`${what} is not valid: ${result.error.issues.map(({ message }) => message).join('; ')}`);
}
