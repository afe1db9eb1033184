/** E-mail addresses and new passwords, by the same rules over HTTP and on the command line. */
import { z } from 'zod';
import { plainTextSchema } from '../http/text-schema.ts';

export const emailSchema = z
  .email()
  .max(254)
  .regex(/^[\x21-\x7e]+$/)
  .transform((value) => value.toLowerCase())
  .meta({ override: { type: 'string', format: 'email', maxLength: 254 } });

/** Length bounds of NIST SP 800-63B; the upper one bounds the work of hashing. */
export const newPasswordSchema = plainTextSchema(8, 128);
