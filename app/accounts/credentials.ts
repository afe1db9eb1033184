/** Rules for e-mail addresses and new passwords, shared by HTTP and the command line. */
import { z } from 'zod';
import { plainTextSchema } from '../http/contract/text-schema.ts';

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

/**
 * An RFC 5322 dot-atom at a host name, in ASCII; output in lower case. Rejects quoted local parts, comments
 * and address literals, as browsers do in e-mail fields.
 */
export const emailSchema = z
  .string()
  .max(254)
  .regex(new RegExp(String.raw`^${ATOM}(?:\.${ATOM})*@${LABEL}(?:\.${LABEL})*$`), {
    error: 'must be an e-mail address such as name@shop.example',
  })
  .meta({ description: 'An e-mail address.' })
  .toLowerCase();

/** Length limits of NIST SP 800-63B; the upper one bounds the work of hashing. */
export const newPasswordSchema = plainTextSchema(8, 128);
